# A function of half a megabyte, as stripped code of compilers that describe
# nothing is one: every instruction of it is reached in little time and memory.
. "$TOP/tests/lib.sh"
need gcc
cat >long.s <<'EOF'
    .intel_syntax noprefix
    .globl long_one
    .type long_one, @function
long_one:
    xor eax, eax
    .rept 60000
    test edi, edi
    jz 1f
    inc eax
1:  xor edi, 1
    .endr
    ret
    .size long_one, . - long_one
    .section .note.GNU-stack, "", @progbits
EOF
cat >main.c <<'EOF'
#include <stdio.h>
int long_one(int);
int main(void) { printf("%d\n", long_one(1)); return 0; }
EOF
gcc -o long main.c long.s
expected=$(./long)
SECONDS=0
(ulimit -v 4000000; instrument ./long 'pid$target:a.out:long_one:
{ @ = count(); }') || fail instrument "$(head -c 300 long.said)"
[ $SECONDS -lt 30 ] && ok time || fail time "$SECONDS seconds"
is output "$expected" "$(./long.inst)"
# All but the increments that are jumped over, with entry and return.
is count 210004 "$(extract long | tr -dc 0-9)"
