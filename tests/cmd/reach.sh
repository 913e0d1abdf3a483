# Much in a file that is not loaded, as debug information, keeps code that is
# added no farther from the code that leads to it: RISC-V's jumps reach 1 MB.
. "$TOP/tests/lib.sh"
need riscv64-linux-gnu-gcc qemu-riscv64 readelf python3
cd "$WORK" || exit 1

cat >far.c <<'END'
#include <stdio.h>
__asm__(".section .bulk, \"\", @progbits\n.zero 0x180000, 1\n.text\n");
#define HERE __attribute__((noipa))
HERE int leaf(int n) { return n + 1; }
HERE int tail(int n) { return n > 3 ? leaf(n) : leaf(n * 2); }
HERE int loop(int n) {
    int sum = 0;
    while (n--)
        sum += tail(n);
    return sum;
}
int main(void) { printf("%d\n", loop(10)); }
END
riscv64-linux-gnu-gcc -static -O2 far.c -o far || exit 1
instrument ./far 'pid$target::leaf:entry,pid$target::tail:entry,
pid$target::loop:entry,pid$target::leaf:return,pid$target::tail:return,
pid$target::loop:return { @[probefunc, probename] = count(); }' --strict ||
    fail strict "$(head -n 3 far.said)"
is output "$(qemu-riscv64 ./far)" "$(qemu-riscv64 ./far.inst)"
is counts "leaf entry 10
leaf return 10
loop entry 1
loop return 1
tail entry 10
tail return 10" "$(extract far | python3 -c '
import json, sys
for row in json.load(sys.stdin)["@"]:
    print(*row["key"], row["value"])' | sort)"
# Loaded parts stand by address, as loaders want them.
readelf -lW far.inst | awk '$1 == "LOAD" { print $3 }' >places
is order "$(sort places)" "$(cat places)"
"$MCTRACE" restore --binary=far.inst --output=far.back
cmp -s far far.back && ok restore || fail restore "another file"

# More code than fits within reach of Thumb's jumps, if each site has all of it:
# what has no room for a longer one is named.
if command -v arm-linux-gnueabihf-gcc qemu-arm >/dev/null; then
    cat >many.s <<'END'
    .syntax unified
    .arch armv7-a
    .thumb
    .macro one
    .pushsection .text.functions, "ax"
    .p2align 2
    .type f\@, %function
f\@: adds r0, #1
    bx lr
    .size f\@, . - f\@
    .popsection
    bl f\@
    .endm
    .text
    .globl _start
    .type _start, %function
_start:
    movs r0, #0
    .rept 16000
    one
    .endr
    movw r1, #16000
    subs r0, r1
    movs r7, #1
    svc 0
    .size _start, . - _start
END
    arm-linux-gnueabihf-gcc -static -nostdlib many.s -o many || exit 1
    clause='pid$target::f*:entry { @[probefunc, arg1] = count();
        @t[ustack(3)] = count(); @q[probefunc] = quantize(arg1);
        x[arg1]++; trace(arg1); printf("%s %d", probefunc, arg1); }'
    instrument ./many "$clause" --report=many.report --call-above=100000
    is many/instrument 0 $?
    qemu-arm ./many.inst
    is many/run 0 $?
    is many/named "no room for a far jump" "$(grep -o -m 1 \
        'no room for a far jump' many.report)"
    # As code that stands once it is no trouble.
    instrument ./many "$clause" --strict
    is many/called 0 $?
    qemu-arm ./many.inst
    is many/called-run 0 $?
fi
