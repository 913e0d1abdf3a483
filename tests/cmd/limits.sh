# Scripts that ask for much: it is done, or refused in words that say why.
. "$TOP/tests/lib.sh"
need gcc python3

# trace NAME STATUS ARGUMENT...: as dtrace; output in ./out, errors in ./said.
trace() {
    local name=$1 status=$2
    shift 2
    timeout 60 "$MCTRACE" trace "$@" >out 2>said </dev/null
    is "$name/status" "$status" $?
}
# generate FILE EXPRESSION: what the Python expression is, as a script.
generate() { python3 -c "print($2)" >"$1"; }

# A printf of more arguments than anyone would write.
generate many.d "'BEGIN { printf(\"' + '%d ' * 1000 + '\"' + ', 7' * 1000 +
    '); exit(0); }'"
trace many-arguments 0 -qs many.d
is many-arguments/printed 1000 "$(grep -o '7 ' out | wc -l)"

# A chain of conditions is long, not deep.
chain() { generate "$1" "'BEGIN { x = %d;' % ($2 - 1) +
    'else '.join('if (x == %d) { y = %d; }' % (i, i) for i in range($2)) +
    '} BEGIN { printf(\"%d\", y); exit(0); }'"; }
chain chain.d 3000
trace chain 0 -qs chain.d
is chain/printed 2999 "$(head -1 out)"
chain longer.d 5000
trace chain/longer 1 -s longer.d
is chain/longer/said "mctrace: failed to compile script longer.d: line 1: a longer chain of conditions than is taken" "$(head -1 said)"

# So many clauses at one place are compiled in less time each, and have the room
# that they turn out to need.
cat >said.c <<'EOF2'
#include <unistd.h>
int main(void) { return write(1799, "", 1) != -1; }
EOF2
gcc -o writes said.c
generate clauses.d "''.join('syscall::write:entry /arg0 == %d/ ' % i +
    '{ printf(\"%d %s\", arg0 - ' + str(i) + ', probefunc); }' +
    chr(10) for i in range(1800))"
trace clauses 0 -qs clauses.d -c ./writes
is clauses/printed "0 write" "$(head -1 out)"

# A field that is wider than memory is written as it is made.
(
    ulimit -v 1000000
    "$MCTRACE" trace -qn 'BEGIN { printf("%*d|%-500000000s|", 500000000, 3, "a");
        exit(0); }' | wc -c >wide
)
is wide 1000000003 "$(cat wide)"

# What is too much is said, not called a syntax error; and a line that is too
# long to be shown is not.
for kind in "parentheses:'BEGIN { trace(' + '(' * 5000 + '1' + ')' * 5000 + '); }'" \
    "operators:'BEGIN { trace(' + '!' * 50000 + '1); }'" \
    "statements:'BEGIN { ' + 'if (1) {' * 3000 + '}' * 3000 + ' }'" \
    "structs:'struct s ' + '{ struct ' * 500 + '{ int x; } ' + 'y; } ' * 500"; do
    name=${kind%%:*}
    generate "$name.d" "${kind#*:}"
    trace "$name" 1 -s "$name.d"
    is "$name/said" \
        "mctrace: failed to compile script $name.d: line 1: nested too deeply" \
        "$(head -1 said)"
    is "$name/short" 1 "$(($(wc -c <said) < 5000))"
done

# What has no room is counted and told, while the program runs or at its end.
cat >keys.c <<'EOF2'
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
__attribute__((noinline)) long hit(const char *text, long i) {
    __asm__ volatile("");
    return text[0] + i;
}
__attribute__((noinline)) long alarmed(long i) {
    __asm__ volatile("");
    return i * 5;
}
static long alarms;
static void on_alarm(int number) {
    alarms += alarmed(number) > 0;
}
static void tick(long microseconds) {
    struct itimerval often = {{0, microseconds}, {0, microseconds}};
    setitimer(ITIMER_REAL, &often, NULL);
}
// keys COUNT LENGTH: every second text is half as long.
int main(int argc, char **argv) {
    long count = atol(argv[1]), len = atol(argv[2]), sum = argc;
    char *text = malloc(len + 1);
    memset(text, 'x', len + 1);
    signal(SIGALRM, on_alarm);
    tick(100);
    for (long i = 0; i < count; i++) {
        long end = i % 2 ? len : len / 2;
        text[end] = 0;
        sum += hit(text, i);
        text[end] = 'x';
    }
    tick(0);
    return sum == 0;
}
EOF2
gcc -O2 -o keys keys.c
# total WHAT: of all messages about them.
total() {
    sed -n "s/^mctrace: \([0-9]*\) $1s\{0,1\}\( on CPU [0-9]*\)\{0,1\}$/\1/p" \
        said | awk '{ sum += $1 } END { print sum + 0 }'
}
probe='pid$target:a.out:hit:entry'
trace aggsize 0 -qxaggsize=4k -c './keys 20000 10' -n "
    $probe { @[arg1] = count(); @total = count(); }
    END { printa(\"total %@d\\n\", @total); }"
is aggsize/all 20000 "$(awk '/total/ { next } NF == 2 { n++ } END { print n }' \
    n="$(total 'aggregation drop')" out)"
is aggsize/total 'total 20000' "$(grep total out)"
trace dynvarsize 0 -qxdynvarsize=4k -c './keys 5000 10' -n "
    $probe { a[arg1] = 1; }  $probe /a[arg1] != 0/ { @ = count(); }"
is dynvarsize/all 5000 "$(($(tr -dc 0-9 <out) + $(total 'dynamic variable drop')))"

# Records have 16 bits for their length; alarms interrupt the longer ones.
trace long-records 0 -qxstrsize=1m -xbufsize=64m -c './keys 100 900000' -n "
    $probe { printf(\"%d %s\\n\", strlen(copyinstr(arg0)), copyinstr(arg0)); }
    pid\$target:a.out:alarmed:entry { printf(\"alarm %d\\n\", arg0); }"
is long-records/short 50 "$(grep -c '^450000 x*$' out)"
is long-records/dropped 50 "$(total drop)"
is long-records/lines "" "$(grep -v '^450000 x*$' out | sort -u | sed '/^$/d' |
    sed '/^alarm 14$/d')"
trace long-block 1 -xbufsize=64m -c './keys 1 1' -n "
    $probe { tracemem(arg0, 600000); }"
is long-block/said \
    "mctrace: could not enable tracing: Enabling exceeds size of buffer" \
    "$(tail -1 said)"

# Output that nothing takes.
trace full 1 -qo /dev/full -n 'BEGIN { trace("much"); exit(0); }'
is full/said "mctrace: failed to write /dev/full: Input/output error" \
    "$(cat said)"
