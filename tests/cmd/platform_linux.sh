# platform/linux.c in programs for Linux, on every machine: what the script sends
# and records comes out of a pipe, memory and time are the platform's.
. "$TOP/tests/lib.sh"
cat >p.c <<'END'
#include <stdio.h>
__attribute__((noinline)) double work(int n, double x) { return n * x; }
int main(void) {
    double sum = 1.5;
    for (int i = 0; i < 4; i++)
        sum += work(i, sum);
    printf("%g\n", sum);
    return 3;
}
END
cat >p.d <<'END'
int n; string who; uint64_t before; self int mine;
pid$target:a.out:work:entry
{ self->mine += 2; n = self->mine; who = strjoin(probefunc, "!");
  printf("%d %d", arg0, timestamp > before); before = timestamp; }
pid$target:a.out:main:return { send(9); trace(who); }
END
expected='0 1
1 1
2 1
3 1
work!'

# check NAME COMPILER EMULATOR OPTION...: one kind of build of the program, and
# of the library.
check() {
    local name=$1 compiler=$2 emulator=$3
    rm -f p p.inst stream linux.o
    if ! command -v "$compiler" >/dev/null ||
        { [ -n "$emulator" ] && ! command -v "$emulator" >/dev/null; }; then
        skip "$name" "no $compiler or $emulator"
        return
    fi
    "$compiler" -O2 "${@:4}" -o p p.c &&
        "$compiler" -O2 -ffreestanding "${@:4}" -c "$TOP/platform/linux.c" || {
        fail "$name" "the compiler does not make it"
        return
    }
    "$MCTRACE" instrument --binary=p --output=p.inst --script=p.d \
        --var-mapping=p.json --persistence-file="$PWD/p.data" \
        --library=linux.o 2>said || {
        fail "$name" "$(head -c 300 said)"
        return
    }
    { $emulator ./p.inst 7>&1 >out
        echo $? >status; } | "$MCTRACE" extract --var-mapping=p.json --stream=- \
        >stream 2>said
    is "$name/program" "$($emulator ./p) 3" "$(cat out) $(cat status)"
    is "$name/send" 1 "$(grep -c '{"channel": 9, "n": 8, "who": "work!", "before": [1-9]' stream)"
    is "$name/records" "$expected" \
        "$(sed -n 's/.*"\(printf\|trace\)": "\([^"]*\)".*/\2/p' stream)"
    is "$name/quiet" "" "$(cat said)"
}
# refused NAME COMPILER OPTION...: a library that computes with floating point,
# of which the program may be in the midst.
cat >floats.c <<'END'
#include "platform/platform.h"
static double total;
void platform_send(int channel, const void *data, size_t size) {
    (void)channel, (void)data;
    total += (double)size;
}
END
refused() {
    command -v "$2" >/dev/null || {
        skip "$1" "no $2"
        return
    }
    rm -f p.inst
    "$2" -O2 -static "${@:3}" -o p p.c
    "$2" -O2 -ffreestanding -I"$TOP" "${@:3}" -c floats.c
    "$MCTRACE" instrument --binary=p --output=p.inst --script=p.d \
        --persistence-file="$PWD/p.data" --library=floats.o 2>said
    is "$1" "1 1 1" "$? $(grep -c 'floats.o: error: .*floating point.*B_OBJECT' said) $(grep -c 'help: compile it with -mgeneral-regs-only' said)"
    [ ! -e p.inst ] || fail "$1" "left an output"
}
refused aarch64-floats aarch64-linux-gnu-gcc
refused arm-floats arm-linux-gnueabihf-gcc -mthumb
refused ppc32-floats powerpc-linux-gnu-gcc
refused riscv64-floats riscv64-linux-gnu-gcc

for kind in "-static" "-static -O0 -fno-omit-frame-pointer"; do
    as=${kind//[ =]/}
    check "x86_64$as" gcc "" $kind
    check "aarch64$as" aarch64-linux-gnu-gcc qemu-aarch64 $kind
    check "arm-thumb$as" arm-linux-gnueabihf-gcc qemu-arm -mthumb $kind
    check "ppc32$as" powerpc-linux-gnu-gcc qemu-ppc $kind
    check "riscv64$as" riscv64-linux-gnu-gcc qemu-riscv64 $kind
done
check x86_64-static-pie gcc "" -fPIE -static-pie
check x86_64-pie gcc "" -fPIE -pie
check x86_64-clang clang-19 "" -fPIE -pie
# A program of the other encoding calls a library of ours.
if command -v arm-linux-gnueabihf-gcc >/dev/null; then
    arm-linux-gnueabihf-gcc -O2 -static -marm -o p p.c
    arm-linux-gnueabihf-gcc -O2 -ffreestanding -mthumb -c \
        "$TOP/platform/linux.c" -o thumb.o
    arm-linux-gnueabihf-gcc -O2 -ffreestanding -marm -c "$TOP/platform/linux.c"
    "$MCTRACE" instrument --binary=p --output=p.inst --script=p.d \
        --var-mapping=p.json --persistence-file="$PWD/p.data" \
        --library=thumb.o 2>said || fail arm-a32 "$(head -c 300 said)"
    is arm-a32/program "$(qemu-arm ./p) 3" "$(qemu-arm ./p.inst 7>stream) $?"
    is arm-a32/records "$expected" "$("$MCTRACE" extract --stream=stream \
        --var-mapping=p.json | sed -n 's/.*"\(printf\|trace\)": "\([^"]*\)".*/\2/p')"
    rm -f p.inst
    "$MCTRACE" instrument --binary=p --output=p.inst --script=p.d \
        --persistence-file="$PWD/p.data" --library=linux.o 2>said
    is arm-a32/library "1 1" \
        "$? $(grep -c 'linux.o: error: .*with -mthumb.*B_OBJECT' said)"
fi
