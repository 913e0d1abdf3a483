# `mctrace trace` is dtrace(1): what it prints, where, and how it ends.
. "$TOP/tests/lib.sh"
need gcc

left() {
    local folders
    folders=$(ls -d "$TMPDIR"/mctrace-* 2>/dev/null)
    is "$1/nothing-left" "" "$folders"
}
mkdir -p tmp
export TMPDIR=$PWD/tmp

# What changes the program must be allowed.
trace refused 1 -n 'BEGIN { raise(9); }'
said refused/said "mctrace: description 'BEGIN ' matched 1 probe
mctrace: could not enable tracing: Destructive actions not allowed"
trace allowed 0 -wqn 'BEGIN { system("echo %d", 3); exit(0); }'
printed allowed/printed "3

."
trace small 1 -b 59 -n 'BEGIN { exit(0); }'
said small/said "mctrace: description 'BEGIN ' matched 1 probe
mctrace: could not enable tracing: Enabling exceeds size of buffer"
trace enough 0 -qb 64 -n 'BEGIN { exit(0); }'
trace option 1 -xbufsize=-1 -n BEGIN
said option/said "mctrace: failed to set -x bufsize: Invalid value for specified option"

# The preprocessor: definitions, line markers, and what fails.
cat >cpp.d <<'EOF2'
#!/usr/sbin/dtrace -s
#ifdef TWO
BEGIN { trace(TWO); exit(0); }
#endif
END { x = nosuch; }
EOF2
trace cpp 1 -C -DTWO=2 -xerrtags -s cpp.d
said cpp/said "mctrace: failed to compile script cpp.d: [D_IDENT_UNDEF] line 5: failed to resolve nosuch: Unknown variable name
    5 | END { x = nosuch; }
      |           ^~~~~~"
# Headers of the system are read, and their names used.
printf '#include <%s.h>\n' stdint stddef endian stdio errno signal netinet/in sys/stat >headers.d
printf 'BEGIN { printf("%%d %%d", (int)sizeof (struct in_addr), ENOENT); exit(0); }\n' >>headers.d
trace headers 0 -qC -s headers.d
printed headers/printed "4 2
."
trace no-cpp 1 -C -xcpppath=/nonexistent/cpp -s cpp.d
said no-cpp/said "mctrace: failed to compile script cpp.d: Preprocessor not found"

# Libraries are read in the order of what they depend on.
mkdir -p libs wrong
printf '#pragma D depends_on library z.d\ninline int two = one + 1;\n' >libs/a.d
printf 'inline int one = 1;\n' >libs/z.d
trace libraries 0 -qL libs -n 'BEGIN { printf("%d", two); exit(0); }'
printed libraries/printed "2
."
trace no-libraries 1 -qL libs -xnolibs -n 'BEGIN { printf("%d", two); }'
printf '#pragma D depends_on library b.d\n' >wrong/a.d
printf '#pragma D depends_on library a.d\n' >wrong/b.d
trace circle 1 -xerrtags -L wrong -n 'BEGIN { exit(0); }'
said circle/said "mctrace: failed to compile script wrong/b.d: [D_PRAGMA_DEPEND] line 1: the library 'a.d' depends on itself
    1 | #pragma D depends_on library a.d
      | ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~"

# A script without a program; END sees what BEGIN made; exit() says the status.
trace host 4 -n 'BEGIN { i = 3; exit(4); }' -n 'END { @[i] = sum(i); }'
said host/said "mctrace: description 'BEGIN ' matched 1 probe
mctrace: description 'END ' matched 1 probe"
sed -i 's/^ *[0-9]*\( *1 *:BEGIN\)/  0\1/' out # whatever CPU it was
printed host/printed "CPU     ID                    FUNCTION:NAME
  0      1                           :BEGIN 

        3                3
."
left host
trace end-wins 0 -qn 'BEGIN { exit(1); } END { exit(0); }'
said quiet ""
printed newline-always "
."

# Clauses of a text are counted, each with every probe.
cat >three.d <<'EOF'
BEGIN, END { x++; }
BEGIN { exit(0); }
EOF
trace script 0 -s three.d
said script/said "mctrace: script 'three.d' matched 3 probes"

# A program: END fires when it ends; arguments and name are its own.
cat >greet.c <<'EOF'
#include <stdio.h>
int main(int argc, char **argv) {
    printf("%s %s %d\n", argv[0], argv[1], argc);
    return 7;
}
EOF
gcc -O1 -o greet greet.c
PATH=$PWD:$PATH
trace program 0 -qc 'greet  two three' -n '
pid$target:a.out:main:entry { @[$target == pid] = count(); }
END { @end["end"] = count(); }'
printed program/printed "greet two 3

        1                1
  end                                                               1
."
left program
trace library 0 -qc 'greet x' -n 'syscall::write:entry { @[probefunc] = count(); }'
printed library/printed "greet x 2

  write                                                             1
."

# Scripts are traced as their interpreter.
printf '#!/bin/sh\necho "$0 $1"\n' >hello
chmod +x hello
trace interpreter 0 -qc './hello you' -n \
    'syscall::write:entry { @ = count(); }'
printed interpreter/printed "./hello you

                1
."

# exit() ends what was started, and so does an interrupt.
trace killed 5 -qc 'sleep 100' -n 'syscall::clock_nanosleep:entry { exit(5); }'
printed killed/printed "
."
for signal in INT TERM; do
    "$MCTRACE" trace -qc 'sleep 100' -n 'END { @["end"] = count(); }' \
        >out 2>said </dev/null &
    for i in $(seq 100); do
        sleep 0.05
        child=$(pgrep -P $! -x sleep) && break
    done
    kill -$signal $!
    wait $!
    is "$signal/status" 0 $?
    printed "$signal/printed" "
  end                                                               1
."
    kill -0 "$child" 2>/dev/null && fail "$signal/child" "still runs" ||
        ok "$signal/child"
    left "$signal"
done

# Killed, it leaves neither processes nor files.
"$MCTRACE" trace -qc 'sleep 100' -n 'BEGIN { x = 1; }' >out 2>said </dev/null &
for i in $(seq 100); do
    sleep 0.05
    child=$(pgrep -P $! -x sleep) && break
done
kill -KILL $!
wait $! 2>/dev/null
for i in $(seq 100); do
    sleep 0.05
    kill -0 "$child" 2>/dev/null || [ -n "$(ls tmp)" ] || break
done
is killed-child "" "$(ps -o stat= -p "$child" | grep -v Z)"
left killed

# Errors, in dtrace's words.
trace syntax 1 -n 'BEGIN { x'
is syntax/first "mctrace: invalid probe specifier BEGIN { x:" \
    "$(head -n 1 said | cut -c 1-43)"
printed syntax/printed .
trace file 1 -s nothing.d
said file/said "mctrace: failed to open nothing.d: No such file or directory"
trace missing 1 -n BEGIN -c nothing-of-that-name
said missing/said \
    "mctrace: failed to execute nothing-of-that-name: No such file or directory"
trace option 1 -x nonsense -n BEGIN
is option/said "mctrace: failed to set -x nonsense:" "$(cut -c 1-35 said)"
trace letter 2 -n BEGIN -K
is letter/said "mctrace: invalid option -- 'K'" "$(head -n 1 said)"
trace no-arguments 2
trace attach 1 -p 1 -n BEGIN
is attach/said "mctrace: -p:" "$(cut -c 1-12 said)"

# Under the name dtrace.
ln -s "$MCTRACE" dtrace
./dtrace -n 'BEGIN { exit(0); }' >out 2>said
is dtrace/status 0 $?
said dtrace/said "dtrace: description 'BEGIN ' matched 1 probe"
trace only-compiled 0 -en 'BEGIN { x = 1; }'
printed only-compiled/printed .

# Probes of the system are there whoever makes such calls.
trace system 0 -n 'BEGIN { exit(0); } write:entry, syscall::read: { x = 1; }'
said system/said "mctrace: description 'BEGIN ' matched 4 probes"
trace no-such-call 1 -n 'syscall::raed:entry { x = 1; }'

# The tracer's own process; the target's.
trace tracer 0 -qc 'greet x' -n '
BEGIN { @begin[pid == $pid, ppid == $ppid, execname == "dtrace"] = count(); }
pid$target:a.out:main:entry { @main[pid == $target] = count(); }'
printed tracer/printed "greet x 2

        1        1        1                1
        1                1
."

# -l
trace list 0 -l -n BEGIN -f 'syscall::write' -P nothing
printed list/printed "   ID   PROVIDER            MODULE                          FUNCTION NAME
    1     dtrace                                                     BEGIN
    6    syscall           vmlinux                             write entry
    7    syscall           vmlinux                             write return
."
said list/said "mctrace: failed to match nothing:::: No probe matches description"
trace list-all 0 -l
is list-all/first "1 dtrace BEGIN" "$(awk 'NR == 2 { print $1, $2, $3 }' out)"
trace list-pid 0 -l -n 'pid$target::main:entry' -c 'greet x'
is list-pid/row "a.out main entry" "$(awk 'NR == 2 { print $3, $4, $5 }' out)"
is list-pid/provider "" "$(awk 'NR == 2 { print $2 }' out | sed 's/^pid[0-9]*$//')"
trace bad-description 1 -l -n 'a:b:c:d:e'

# What is recorded is printed in its order, live: END after all else.
trace records 0 -c 'greet x' -n 'BEGIN { trace("begin"); }
pid$target:a.out:main:entry { printf("%d", arg0); } END { trace(42); }'
is records/printed "greet x 2
CPU ID FUNCTION:NAME
c 1 :BEGIN begin
c i main:entry 2
c 2 :END 42" "$(sed -E 's/^ +[0-9]+ +([0-9]+) +/c \1 /; s/ +/ /g; s/ $//; s/^c [0-9]{3,} /c i /' out)"
trace destructive 1 -n 'BEGIN { system("echo hi"); exit(0); }'
is destructive/said \
    "mctrace: could not enable tracing: Destructive actions not allowed" \
    "$(tail -n 1 said)"
trace allowed 0 -wqn 'BEGIN { printf("a\n"); system("echo b"); printf("c\n");
exit(0); }'
printed allowed/printed "a
b
c

."
rm -f kept
trace appends 0 -qo kept -n 'BEGIN { printf("one\n"); exit(0); }'
trace appends 0 -qo kept -n 'BEGIN { printf("two\n"); exit(0); }'
is appends/kept "one

two

." "$(cat kept; echo .)"
# Output comes while the program runs.
mkfifo pipe
"$MCTRACE" trace -qc 'sleep 100' -n 'BEGIN { printf("now\n"); }' >pipe 2>said &
read -r line <pipe
is live now "$line"
kill -INT $!
wait $!
# A fault is told whether or not ERROR sees it.
trace fault 3 -qn 'BEGIN { x = *(int *)8; } ERROR { printf("%d %x\n", arg4, arg5);
exit(3); }'
printed fault/printed "1 8

."
is fault/said "invalid address (0x8)" "$(grep -o 'invalid address (0x8)' said)"

# A clause may have any number of temporary strings: they last no longer than
# their statement, but for the variables that are read once in a clause.
{
    echo 'BEGIN { first = execname;'
    for i in $(seq 3000); do
        echo "s = strjoin(\"0123456789012345678901234567890\", \"$i\");"
    done
    echo 'printf("%s %s %d", s, execname, first == execname); exit(0); }'
} >many.d
trace many-strings 0 -q -s many.d
printed many-strings/printed "01234567890123456789012345678903000 dtrace 1
."

# Several commands are traced at once, and all waited for.
cat >leave.c <<'EOF'
#include <unistd.h>
int main(void) { usleep(200000); return 0; }
EOF
gcc -O1 -o leave leave.c
trace several 0 -qc 'greet x' -c leave -c 'greet y z' -n '
pid$target:a.out:main:entry { @[execname] = sum(arg0); }
pid$target:a.out:main:return { @return[execname] = count(); }
END { printf("end\n"); }'
is several/printed "end
greet x 2
greet y 3

  leave 1
  greet 5
  leave 1
  greet 2
." "$(LC_ALL=C sort <(head -n 3 out); tail -n +4 out | sed 's/ \+/ /g; s/^ /  /'; echo .)"

# A script may begin with how it is run; help is there.
printf '#!%s trace -qs\nBEGIN { printf("%%d\\n", $1); exit(0); }\n' "$MCTRACE" >first.d
chmod +x first.d
is first-line "7" "$(./first.d 7)"
"$MCTRACE" trace --help >out
is help/status 0 $?
is help/usage "usage: mctrace trace" "$(head -n 1 out | cut -d' ' -f 1-3)"
"$MCTRACE" help trace >again
cmp -s out again && ok help/twice || fail help/twice "differs"

# -e says nothing of matches; -v reports stability, whether or not it runs.
trace compiled 0 -en 'dtrace:::BEGIN { x = 1; }'
said compiled/said ""
trace stability 0 -evn 'dtrace:::BEGIN { x = 1; }' -n 'pid$target::f: { x = 2; }' -Z
printed stability/printed "
Stability attributes for description dtrace:::BEGIN :

	Minimum Probe Description Attributes
		Identifier Names: Stable
		Data Semantics:   Stable
		Dependency Class: Common

	Minimum Statement Attributes
		Identifier Names: Stable
		Data Semantics:   Stable
		Dependency Class: Common


Stability attributes for description pid\$target::f: :

	Minimum Probe Description Attributes
		Identifier Names: Private
		Data Semantics:   Private
		Dependency Class: Unknown

	Minimum Statement Attributes
		Identifier Names: Stable
		Data Semantics:   Stable
		Dependency Class: Common

."

# Probes of functions belong to the process that was started, not to what it
# starts in turn; those of system calls to all.
cat >family.c <<'EOF'
#include <sys/wait.h>
#include <unistd.h>
__attribute__((noipa)) void hit(int n) { volatile int kept = n; (void)kept; }
__attribute__((constructor)) static void early(void) { hit(1); }
int main(int argc, char **argv) {
    hit(2);
    if (argc > 1)
        return 0;
    if (fork() == 0) {
        hit(3);
        getppid();
        execl(argv[0], argv[0], "again", (char *)NULL);
    }
    wait(NULL);
    hit(4);
    return 0;
}
EOF
gcc -O1 -o family family.c
trace family 0 -qc ./family -n 'pid$target::hit:entry { @[arg0] = count(); }
syscall::getppid:entry /pid != $target/ { @calls = count(); }'
printed family/printed "
                1                1
                2                1
                4                1
                1
."

# Events of processes: the command's own exec is one, and so is its end.
trace proc 0 -qn 'proc:::exec-success { printf("%s\n", execname); }
proc:::exit { printf("%d %d\n", args[0] == CLD_EXITED, pid == $target); }' \
    -c /bin/true
printed proc/printed "true
1 1

."
trace proc-never 0 -n 'proc:::signal-send { exit(1); }' -c /bin/true
said proc-never/said \
    "mctrace: description 'proc:::signal-send ' matched 1 probe"
trace proc-handle 1 -xerrtags -n 'proc:::signal-handle' -c /bin/true
trace proc-id 5 -n 'proc:::exit { exit(id == $1 ? 5 : 6); }' 4035 -c /bin/true
trace error-id 0 -qn '3 { printf("%d\n", arg4); }' \
    -n 'BEGIN { *(int *)8; }' -n 'tick-10ms { exit(0); }'
printed error-id/printed "1

."

# An instruction by its address; it is another probe than by its offset.
cat >address.c <<'EOF'
__attribute__((noipa)) int twice(int n) { return n + n; }
int main(void) { return twice(21) != 42; }
EOF
gcc -O1 -no-pie -o address address.c
at=$(nm address | sed -n 's/^0*\([0-9a-f]*\) T twice$/\1/p')
trace address 0 -qc ./address -n "pid\$target:a.out:-:$at,
pid\$target:a.out:twice:0 {
    printf(\"%s %s %d\n\", probefunc, probename, uregs[R_PC] == 0x$at);
}"
is address/printed "- $at 1
twice 0 1" "$(sed '/^$/d' out)"
trace address-none 1 -xerrtags -c ./address -n 'pid$target::-:1'
is address-none/tag 1 "$(grep -c D_PROC_OFF said)"
trace address-name 1 -xerrtags -c ./address -n 'pid$target:a.out:-:entry'
is address-name/tag 1 "$(grep -c D_PROC_NAME said)"

# What fails in END is told to ERROR as well.
trace late-error 0 -qn 'BEGIN { exit(0); } END { x = *(int *)4; }
ERROR, END { printf("%s %d\n", probename, arg5); }'
printed late-error/printed "ERROR 4
END 0

."

# Addresses that are shown by one name are one key.
cat >callers.c <<'EOF'
__attribute__((noipa)) void called(int n) { volatile int kept = n; (void)kept; }
int main(void) { called(1); called(2); called(3); return 0; }
EOF
gcc -O1 -o callers callers.c
trace callers 0 -qc ./callers -n 'pid$target::called:entry {
    @f[ufunc(ucaller)] = count(); @m[umod(ucaller)] = sum(arg0);
    @s[usym(ucaller)] = max(arg0); @a[uaddr(ucaller)] = count(); }
END { trunc(@f, 1); printa("%A %@d\n", @f); printa("%A %@d\n", @m);
    printa("%A %@d\n", @s); }'
is callers/merged "callers\`main 3
callers 6
callers\`main 3" "$(sed -n '/^callers/p' out)"
is callers/apart 3 "$(grep -c '`main+' out)"

# A process that sends itself a signal that ends it.
cat >killed.c <<'EOF'
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
int main(int argc, char **argv) {
    struct rlimit none = {0, 0};
    (void)argv;
    signal(SIGUSR1, SIG_IGN);
    raise(SIGUSR1);
    raise(SIGWINCH);
    setrlimit(RLIMIT_CORE, &none);
    if (argc > 1)
        raise(SIGTERM);
    abort();
}
EOF
gcc -O1 -o killed killed.c
events='proc:::signal-send { printf("%s %d\n", probename, args[2]); }
proc:::exit { printf("%s %d\n", probename, args[0] == CLD_KILLED); }'
trace killed 0 -qc './killed x' -n "$events"
printed killed/printed "signal-send 15
exit 1

."
trace aborted 0 -qc ./killed -n "$events"
printed aborted/printed "signal-send 6
exit 1

."
