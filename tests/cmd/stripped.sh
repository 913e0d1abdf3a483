# Programs for other machines without symbols: what is code, where it begins
# and how it is encoded is found out, and nothing else is changed. Every
# function's entry and return is counted; the program does what it did.
. "$TOP/tests/lib.sh"

# check NAME TRIPLE EMULATOR LEAST: ./NAME, which is stripped and run.
check() {
    local name=$1 root=/usr/$2 emulator=$3
    "${2}-strip" "$name"
    if ! "$MCTRACE" instrument --binary="$name" --output="$name.inst" \
        --var-mapping="$name.json" --persistence-file="$PWD/$name.data" \
        --root="$root" -n "$ends" 2>"$name.said"; then
        fail "$name" "$(cat "$name.said")"
        return
    fi
    "$emulator" -L "$root" "./$name" >before 2>&1
    echo $? >>before
    "$emulator" -L "$root" "./$name.inst" >after 2>&1
    echo $? >>after
    is "$name/same" "$(cat before)" "$(cat after)"
    local calls
    calls=$(extract "$name" --format=text 2>/dev/null |
        awk '$2 == "entry" { n += $NF } END { print n + 0 }')
    [ "$calls" -ge "$4" ] && ok "$name/counted" ||
        fail "$name/counted" "$calls calls, less than $4"
}

# have NAME TOOL...: all of them are there.
have() {
    local tool
    for tool in "${@:2}"; do
        command -v "$tool" >/dev/null || {
            skip "$1" "no $tool"
            return 1
        }
    done
}

# What binds functions at their first call hands over in registers that no
# function has arguments in. Its address stands in data.
cat >lazy.c <<'E1'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
__attribute__((noinline)) static int work(int n) { return n ? n + work(n - 1) : abs(n); }
int main(void) {
    char text[20] = "";
    strcat(text, "sum");
    printf("%s %d\n", text, work(9));
    return (int)strlen(text);
}
E1
for machine in riscv64-linux-gnu:qemu-riscv64 aarch64-linux-gnu:qemu-aarch64 \
    arm-linux-gnueabihf:qemu-arm powerpc-linux-gnu:qemu-ppc; do
    triple=${machine%:*} emulator=${machine#*:}
    name=lazy-${triple%%-*}
    have "$name" "$triple-gcc" "$emulator" || continue
    "$triple-gcc" -O1 -fno-optimize-sibling-calls -no-pie -Wl,-z,lazy \
        -o "$name" lazy.c && check "$name" "$triple" "$emulator" 10
done

# Constants behind the code that takes their address, as round constants of
# ciphers are.
cat >numbers.c <<'E1'
#include <stdio.h>
long sum(int from, int to);
__asm__(".text\n.p2align 6\n"
        "numbers: .quad 1, 0x8082, 0x8000808a, 0x80000001, 0\n"
        ".globl sum\n.type sum, %function\n"
        "sum: adr x2, numbers\nmov x3, #0\n"
        "1: ldr x4, [x2, w0, sxtw #3]\nadd x3, x3, x4\nadd w0, w0, #1\n"
        "cmp w0, w1\nb.lt 1b\nmov x0, x3\nret\n");
int main(void) { return printf("%lx %lx\n", sum(0, 4), sum(1, 3)) != 18; }
E1
if have numbers aarch64-linux-gnu-gcc qemu-aarch64; then
    aarch64-linux-gnu-gcc -O1 -o numbers numbers.c &&
        check numbers aarch64-linux-gnu qemu-aarch64 2
fi

have arm arm-linux-gnueabihf-gcc qemu-arm || exit 0

# A jump through a table of addresses among the code.
cat >table.c <<'E1'
#include <stdio.h>
int pick(int n);
__asm__(".syntax unified\n.text\n.thumb\n.globl pick\n.type pick, %function\n"
        ".p2align 2\npick: push {r7, lr}\nadr r7, 1f\n"
        "cmp r0, #6\nbhi 9f\nldr.w pc, [r7, r0, lsl #2]\nnop\n.p2align 2\n"
        "1: .word 2f + 1, 3f + 1, 2f + 1, 4f + 1, 3f + 1, 2f + 1, 4f + 1\n"
        "2: movs r0, #20\npop {r7, pc}\n3: movs r0, #30\npop {r7, pc}\n"
        "4: movs r0, #40\npop {r7, pc}\n9: movs r0, #90\npop {r7, pc}\n");
int main(void) {
    for (int i = 0; i < 9; i++)
        printf("%d\n", pick(i));
    return 7;
}
E1
arm-linux-gnueabihf-gcc -O1 -mthumb -no-pie -o table table.c &&
    check table arm-linux-gnueabihf qemu-arm 9

# A program in the encoding that the system's own code has not, with a row of
# constants in the middle.
{
    echo '#include <stdio.h>'
    for i in $(seq 1 60); do
        echo "__attribute__((noinline)) int f$i(int n) {
            if (n > $i) return n * $((i * 7919)) ^ $((i * 104729));
            return n + $i; }"
        [ "$i" != 30 ] ||
            echo '__asm__(".text\n.p2align 2\nrow: .rept 64\n.word 0x20034010, 0x48044a05\n.endr\n");'
    done
    echo 'int (*const volatile all[])(int) = {'
    for i in $(seq 1 60); do echo "f$i,"; done
    echo '}; int main(void) { unsigned s = 0; for (int i = 0; i < 60; i++)
        s = s * 31 + (unsigned)all[i](i * 5 % 61); printf("%u\n", s); return 5; }'
} >encoding.c
arm-linux-gnueabihf-gcc -O2 -marm -fno-toplevel-reorder -o encoding encoding.c &&
    check encoding arm-linux-gnueabihf qemu-arm 60
