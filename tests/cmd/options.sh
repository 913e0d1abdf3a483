# Options of dtrace(1) that tune the tracer itself: each does what it says, or
# is said to have nothing to do.
. "$TOP/tests/lib.sh"
need gcc

cat >stages.c <<'EOF2'
#include <stdlib.h>
#include <unistd.h>
__attribute__((constructor)) void early(void) { getppid(); }
__attribute__((noinline)) int work(int n) { return n + 1; }
int main(void) {
    getpid();
    const char *set = getenv("SET");
    return set ? set[0] : work(1);
}
EOF2
gcc -O1 -fno-inline -o stages stages.c

# evaltime: from when on a command is traced; what belongs to no program is not
# held back.
script='BEGIN { printf("BEGIN "); }
    syscall::getpid:entry, syscall::getppid:entry,
    pid$target:a.out:early:entry, pid$target:a.out:main:entry,
    pid$target:a.out:work:entry { printf("%s ", probefunc); }
    END { printf("END"); }'
for moment in exec preinit; do
    trace evaltime/$moment 0 -qx evaltime=$moment -c ./stages -n "$script"
    printed evaltime/$moment/printed \
        "BEGIN early getppid main getpid work END
."
done
for moment in postinit main; do
    trace evaltime/$moment 0 -qx evaltime=$moment -c ./stages -n "$script"
    printed evaltime/$moment/printed "BEGIN main getpid work END
."
done
trace evaltime/none 0 -qx evaltime=main -n 'BEGIN { trace(1); exit(0); }'
printed evaltime/none/printed "1
."

# setenv, unsetenv: what commands inherit.
unset SET
script='pid$target:a.out:main:return { trace((int)arg1); }'
trace setenv 0 -qx setenv=SET=A -c ./stages -n "$script"
printed setenv/printed "65
."
SET=B trace unsetenv 0 -qx unsetenv=SET -c ./stages -n "$script"
printed unsetenv/printed "2
."

# bufresize: buffers that cannot be had are halved until they can, or there is
# no tracing.
few() (
    ulimit -f 3072 # kilobytes of a file
    trace "$@"
)
few lowered 0 -n 'BEGIN { trace(1); exit(0); }'
said lowered/said "mctrace: description 'BEGIN ' matched 1 probe
mctrace: buffer size lowered to 2m"
few lowered/all 0 -q -xquiet=no -n 'BEGIN { @[pid] = count(); exit(0); }'
said lowered/all/said "mctrace: description 'BEGIN ' matched 1 probe
mctrace: buffer size lowered to 2m
mctrace: aggregation size lowered to 1m"
few lowered/silent 0 -xquietresize -n 'BEGIN { exit(0); }'
said lowered/silent/said "mctrace: description 'BEGIN ' matched 1 probe"
few manual 1 -xbufresize=manual -n 'BEGIN { exit(0); }'
said manual/said "mctrace: description 'BEGIN ' matched 1 probe
mctrace: could not enable tracing: Cannot allocate memory"
few manual/enough 0 -xbufresize=manual -b 1m -qn 'BEGIN { exit(0); }'

# Where there is nothing to tune, scripts run as ever, and -v says why.
trace inert 0 -qx cleanrate=50hz -xlockmem=unlimited -xiregs=8 -n 'BEGIN { exit(0); }'
said inert/said ""
trace inert/verbose 0 -vqx cleanrate=50hz -n 'BEGIN { exit(0); }'
said inert/verbose/said "mctrace: option cleanrate has nothing to govern: variables and speculations are free as soon as they are given back"
trace few-registers 1 -xiregs=7 -n 'BEGIN { exit(0); }'
said few-registers/said \
    "mctrace: failed to set -x iregs: Insufficient registers to generate code"

# amin: what is less stable is refused.
trace amin 0 -qx amin=Stable/Stable/Common -n 'dtrace:::BEGIN { exit(0); }'
trace amin/less 1 -xerrtags -xamin=Evolving/Evolving/ISA \
    -n 'syscall::read:entry { @ = count(); }'
is amin/less/said "mctrace: invalid probe specifier syscall::read:entry { @ = count(); }: [D_ATTR_MIN] line 1: attributes for the probe description (Unstable/Unstable/ISA) are less than predefined minimum" "$(head -1 said)"
trace amin/arguments 1 -xamin=Evolving/Evolving/ISA -n 'syscall:::entry { @ = sum(arg0); }'
case $(cat said) in
*"attributes for its arguments (Unstable/Unstable/ISA)"*) ok amin/arguments/said ;;
*) fail amin/arguments/said "$(cat said)" ;;
esac

# What the compiler tells: messages, trees of every pass, its code.
trace debug 0 -qx debug -n 'BEGIN { exit(0); }'
is debug/form "" "$(grep -vE '^mctrace DEBUG [0-9]+: .' said)"
is debug/said 0 "$([ "$(wc -l <said)" -ge 4 ]; echo $?)"
DTRACE_DEBUG=1 trace debug/environment 0 -qn 'BEGIN { exit(0); }'
is debug/environment/said 0 "$([ "$(wc -l <said)" -ge 4 ]; echo $?)"
trace tree 0 -qx tree=3 -n 'BEGIN { x = 2 + 3; exit(0); }'
said tree/said "Parse tree, pass 1:
clause BEGIN
  expression
    assign =
      name x
      binary +
        integer 2
        integer 3
  expression
    call
      name exit
      integer 0
Parse tree, pass 2:
clause BEGIN
  expression
    assign = : int
      name x : int
      binary + : int
        integer 2 : int
        integer 3 : int
  action
    call : void
      name exit
      integer 0 : int"
trace code 0 -qS -n 'BEGIN { exit(0); }'
cp said code
trace code/option 0 -qx verbose -n 'BEGIN { exit(0); }'
is code/option/said "$(cat code)" "$(cat said)"
trace code/pass 0 -qx tree=4 -n 'BEGIN { exit(0); }'
is code/pass/said "$(sed '/^$/,$d' code)" "$(cat said)"
grep -q '^Disassembly of clause :::BEGIN$' code && ok code/clause ||
    fail code/clause "$(head -20 code)"
is code/insns 0 "$([ "$(grep -cE '^[0-9]{4} [0-9]{5}: [0-9a-f]{2} ' code)" -gt 20 ]; echo $?)"
trace code/only 0 -qSe -n 'BEGIN { exit(0); }'
is code/only/said "$(cat code)" "$(cat said)"
is code/said ":::BEGIN" "$(head -1 code)"

# preallocate: memory is there before it is needed.
trace preallocate 0 -qx preallocate=64m -xdebug -n 'BEGIN { exit(0); }'
is preallocate/said 1 "$(grep -c ' 67108864 bytes are there' said)"

# The environment sets options too; what it cannot set is told, and no more.
DTRACE_OPT_STRSIZE=4 DTRACE_OPT_ZDEFS=1 trace environment 0 -qn \
    'BEGIN { x = "abcdef"; trace(x); exit(0); }'
printed environment/printed "abcd
."
said environment/said "mctrace: DTRACE_OPT_ZDEFS=1 has no effect: Invalid value for specified option"

# noresolve: frames without their symbols.
trace noresolve 0 -qx noresolve -c ./stages -n \
    'pid$target:a.out:work:entry { ustack(1); umod(ucaller); }'
is noresolve/printed "stages:0x$(nm stages | awk '/ work$/ { sub("^0*", "", $1); print $1 }')
stages" "$(grep -o 'stages[^ ]*' out)"

# core: a core is what is left in the end.
trace core 134 -qx core -n 'BEGIN { trace(7); exit(0); }'
printed core/printed "7
."
