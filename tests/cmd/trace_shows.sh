# What the consumer of `mctrace trace` prints for values, rows and speculations,
# and how often clauses run.
. "$TOP/tests/lib.sh"

export _DTRACE_TESTING=1

# A clause runs as often as its descriptions name a probe.
trace twice 0 -qn 'BEGIN, BEGIN, dtrace:::BEGIN { printf("%d ", ++n); }
    BEGIN { exit(0); }'
printed twice/printed "1 2 3 
."
trace counted 0 -n 'BEGIN, BEGIN { n++; } BEGIN { exit(0); }'
said counted/said "mctrace: description 'BEGIN, BEGIN ' matched 3 probes"

# An array of char is a text if nothing else is in it; structures without a
# name have none in print(), and only char is shown as a character.
cat >values.d <<'EOF2'
char text[4], full[2], gap[4], bell[3], none[2];
struct s { union { uint8_t byte; char c; } u; };
BEGIN
{
    text[0] = full[0] = gap[0] = 'a'; text[1] = full[1] = gap[2] = 'b';
    bell[0] = '\a'; bell[1] = 1;
    trace(text); trace(full); trace(gap); trace(bell); trace(none);
    p = (struct s *)alloca(sizeof (struct s));
    p->u.c = 'N';
    print(p);
    exit(0);
}
EOF2
trace values 0 -qs values.d
sed -i 's/0x[0-9a-f]* = /P = /' out
H="             0  1  2  3  4  5  6  7  8  9  a  b  c  d  e  f  0123456789abcdef"
M="                                            "
printed values/printed "abab
$H
         0: 61 00 62 00                                      a.b.

$H
         0: 07 01 00                                         ...

$H
         0: 00 00                                            ..
P = *
$M(struct s) {
$M .u = (union) {
$M  .byte = (uint8_t)78,
$M  .c = (char)'N',
$M },
$M}

."

# Commits print in their own order; beside one there may be a discard.
trace commits 0 -qxnspec=3 -n 'BEGIN { a = speculation(); b = speculation();
        c = speculation(); }
    BEGIN { speculate(a); printf("a"); }
    BEGIN { speculate(b); printf("b"); }
    BEGIN { speculate(c); printf("c"); }
    BEGIN { commit(c); discard(b); } BEGIN { commit(a); } BEGIN { exit(0); }'
printed commits/printed "ca
."

# Keys are the widths of a format too.
trace widths 0 -qn 'BEGIN { @[3, 1] = sum(1); @[-3, 2] = sum(2);
    printa("%*d|", @); printa("%-*d|", @); exit(0); }'
printed widths/printed "  1|2  |1  |2  |
."

# What an option has to say of a value stands alone, as dtrace leaves it.
trace late_option 0 -qn 'BEGIN { setopt("strsize", "3"); setopt("aggpercpu");
    setopt("droptags"); setopt("version", "1.0"); exit(0); }'
is late_option/said "couldn't set option \"strsize\" to \"3\": Operation illegal when tracing is active
couldn't set option \"aggpercpu\" to \"1\": Invalid value for specified option" \
    "$(grep -o "couldn't.*" said)"
trace bad_option 0 -qn 'BEGIN { setopt("quiet", "um"); exit(0); }'
said bad_option/said "mctrace: error in dt_clause_0 for probe ID 1 \
(dtrace:::BEGIN): couldn't set option \"quiet\" to \"um\": \
Invalid value for specified option"
is bad_option/lines 2 "$(wc -l <said)"

# Constants are computed in 64 bits.
trace wide 0 -qn 'BEGIN { t = timestamp; x = t + 5 * 1000000000 - t;
    printf("%d", x); exit(0); }'
printed wide/printed "5000000000
."

# A text that is not there is a fault where it is all that is shown.
trace nothing 0 -qn 'BEGIN { trace(strchr("abc", 122)); }
    BEGIN { printf("<%s>", (string)NULL); exit(0); }
    ERROR { printf("%d %d ", arg4, arg5); }'
printed nothing/printed "1 0 <>
."

# What is known of the process that traces, and where it runs.
trace process 0 -qn 'BEGIN { printf("%d %d %d %d", curpsinfo->pr_argc > 0,
    curpsinfo->pr_envp > curpsinfo->pr_argv, curcpu->cpu_id == cpu,
    (int64_t)curcpu != 0); exit(0); }'
printed process/printed "1 1 1 1
."

# Floating-point numbers are their bits for trace(), numbers for printf().
trace floats 0 -n 'double d; BEGIN { trace(d); x = d; printf("%g", x); exit(0); }'
printed floats/printed "                   FUNCTION:NAME
                          :BEGIN                     00

."

# On one CPU alone.
trace one_cpu 0 -xcpu=0 -qn 'BEGIN { trace(cpu); } END { trace(cpu); }
    tick-10ms { trace(cpu); exit(0); }'
printed one_cpu/printed "000
."

# Aggregations are no newer than aggrate has them; in the end they are.
trace stale 0 -xswitchrate=20ms -xaggrate=10s -qn '
    BEGIN, tick-100ms { @ = count(); printa(@); }
    tick-100ms /n++ == 2/ { exit(0); } END { printa(@); }'
printed stale/printed "
                1

                1

                1

                1

                4

."

# What no speculation holds ends the clause; what this one has no room for is
# dropped, and the clause goes on: both take 8 bytes and 8 for each number.
full() {
    trace "$1" 0 -xspecsize="$2" -qn '
        BEGIN { i = speculation(); n = 5LL; }
        BEGIN { speculate(i); printf("%d ", n); done++; }
        BEGIN { speculate(i); printf("%d %d ", n, n); done++; }
        BEGIN { commit(i); }
        BEGIN { printf("done %d\n", done); exit(0); }'
    printed "$1/printed" "$3

."
    said "$1/said" "$4"
}
full neither 15 "done 0" "mctrace: 2 speculative drops"
full first 16 "5 done 1" "mctrace: 1 speculative drop"
full one 39 "5 done 2" "mctrace: 1 speculative drop"
full both 40 "5 5 5 done 2" ""

# Types of the system's headers, with the headers and without.
cat >words.d <<'EOF2'
#ifdef WITH
#include <linux/types.h>
#include <stdint.h>
#endif
__u8 x; __s64 y;
BEGIN { x = 300; y = -1; printf("%d %d", x, y); exit(0); }
EOF2
trace types 0 -qCs words.d
printed types/printed "44 -1
."
trace header_types 0 -qCDWITH -s words.d
printed header_types/printed "44 -1
."

# -lv: what a probe passes, as it was declared. Every probe of a list has a
# number of its own.
trace types 0 -lvn 'syscall::write:entry, syscall::write:return, BEGIN'
is types/printed "		None
		args[0]: unsigned int
		args[1]: const char *
		args[2]: size_t
		args[0]: long" "$(grep -E 'args|None' out)"
trace types/event 0 -lvn 'proc:::signal-send'
is types/event/printed "		args[0]: lwpsinfo_t *
		args[1]: psinfo_t *
		args[2]: int" "$(grep -E 'args|None' out)"
trace types/declared 0 -Zlv -n 'provider own {
    probe go(int, char *); }; own$target:::go, tick-1s'
is types/declared/printed "		None" "$(grep -E 'args|None' out)"
trace numbers 0 -ln 'tick-1s, profile-97, tick-2s'
is numbers/printed "4096 4097 4098" "$(awk 'NR > 1 { print $1 }' out | xargs)"
said numbers/said ""

# A stack of one frame, and no other, has its name.
cat >one.c <<'EOF2'
__attribute__((noinline)) int work(int x) { return x + 1; }
int main(int argc, char **argv) { return work(argc) != 2 && argv; }
EOF2
gcc -O1 -o one one.c
trace one_frame 0 -qc ./one -n 'pid$target:a.out:work:entry { ustack(1); }'
is one_frame/printed "one\`work" "$(xargs <out)"
