# What the ABIs do with arguments and results: functions with parameters of
# chance (arguments.py) say what they get, and so does args[] of them, on every
# machine, by compilers of two kinds, with floating-point registers and without.
. "$TOP/tests/lib.sh"
need python3

mkdir alone usual
echo '#include <stdio.h>' >usual/say.h
# The little that a program needs which is linked with no library: there is none
# for the ABIs without floating-point registers.
cat >alone/say.h <<'END'
typedef unsigned long long u64;
int printf(const char *format, ...);
END
cat >alone/say.c <<'END'
#include <stdarg.h>
#include "say.h"
static long call(long number, long a, long b, long c) {
#if defined(__arm__)
    register long n __asm__("r7") = number, x __asm__("r0") = a;
    register long y __asm__("r1") = b, z __asm__("r2") = c;
    __asm__ volatile("svc 0" : "+r"(x) : "r"(n), "r"(y), "r"(z) : "memory");
#elif defined(__riscv)
    register long n __asm__("a7") = number, x __asm__("a0") = a;
    register long y __asm__("a1") = b, z __asm__("a2") = c;
    __asm__ volatile("ecall" : "+r"(x) : "r"(n), "r"(y), "r"(z) : "memory");
#else
    register long n __asm__("r0") = number, x __asm__("r3") = a;
    register long y __asm__("r4") = b, z __asm__("r5") = c;
    __asm__ volatile("sc" : "+r"(x), "+r"(n), "+r"(y), "+r"(z) : : "memory",
                     "r6", "r7", "r8", "r9", "r10", "r11", "r12", "cr0", "ctr");
#endif
    return x;
}
static char line[4096];
static int at;
// Without a division, which a library would have.
static void put_number(u64 n) {
    u64 power = 10000000000000000000ull;
    static const u64 powers[] = {
        10000000000000000000ull, 1000000000000000000ull, 100000000000000000ull,
        10000000000000000ull, 1000000000000000ull, 100000000000000ull,
        10000000000000ull, 1000000000000ull, 100000000000ull, 10000000000ull,
        1000000000ull, 100000000ull, 10000000ull, 1000000ull, 100000ull,
        10000ull, 1000ull, 100ull, 10ull, 1ull};
    int started = 0;
    for (int i = 0; i < 20; i++) {
        char digit = '0';
        for (power = powers[i]; n >= power; n -= power)
            digit++;
        started |= digit != '0' || i == 19;
        if (started)
            line[at++] = digit;
    }
}
static void put_signed(long long n) {
    if (n < 0)
        line[at++] = '-';
    put_number(n < 0 ? 0 - (u64)n : (u64)n);
}
// Quarters, by the bits of a double.
static void put_quarters(u64 bits) {
    int exponent = (int)(bits >> 52 & 0x7ff) - 1023;
    u64 mantissa = (bits & 0xfffffffffffffull) | 1ull << 52;
    u64 quarters = bits << 1 ? mantissa >> (50 - exponent) : 0;
    if (bits >> 63)
        line[at++] = '-';
    put_number(quarters >> 2);
    const char *rest = &".000000.250000.500000.750000"[(quarters & 3) * 7];
    for (int i = 0; i < 7; i++)
        line[at++] = rest[i];
}
int printf(const char *format, ...) {
    va_list list;
    va_start(list, format);
    for (at = 0; *format; format++) {
        int longs = 0;
        if (*format != '%') {
            line[at++] = *format;
            continue;
        }
        while (*++format == 'l')
            longs++;
        if (*format == 'f') {
            union { double d; u64 bits; } f = {va_arg(list, double)};
            put_quarters(f.bits);
        } else if (*format == 'u') {
            put_number(longs == 2 ? va_arg(list, u64)
                       : longs ? va_arg(list, unsigned long)
                               : va_arg(list, unsigned));
        } else {
            put_signed(longs == 2 ? va_arg(list, long long)
                       : longs ? va_arg(list, long)
                               : va_arg(list, int));
        }
    }
    va_end(list);
#if defined(__riscv)
    call(64, 1, (long)line, at);
#else
    call(4, 1, (long)line, at);
#endif
    return at;
}
// A float as a double, where that is a function.
double __extendsfdf2(float f) {
    union { float f; unsigned bits; } from = {f};
    union { u64 bits; double d; } to;
    u64 exponent = from.bits >> 23 & 0xff;
    to.bits = (u64)(from.bits >> 31) << 63 |
              (exponent ? exponent + 896 : 0) << 52 |
              (u64)(from.bits & 0x7fffff) << 29;
    return to.d;
}
void *memcpy(void *to, const void *from, unsigned long n) {
    for (unsigned long i = 0; i < n; i++)
        ((volatile char *)to)[i] = ((const char *)from)[i];
    return to;
}
void *memset(void *to, int c, unsigned long n) {
    for (unsigned long i = 0; i < n; i++)
        ((volatile char *)to)[i] = (char)c;
    return to;
}
int main(void);
void begin(void) {
    int status = main();
    call(
#if defined(__riscv)
        93,
#else
        1,
#endif
        status, 0, 0);
}
#if defined(__arm__)
__asm__(".globl _start\n.type _start, %function\n.arm\n_start: bl begin");
#elif defined(__riscv)
__asm__(".globl _start\n.type _start, @function\n_start: .option push\n"
        ".option norelax\nla gp, __global_pointer$\n.option pop\ncall begin");
#else
__asm__(".globl _start\n.type _start, @function\n_start: bl begin");
#endif
END

# try NAME MACHINE EMULATOR SEED "OPTIONS of arguments.py" COMPILER FLAG...
try() {
    local name=$1 machine=$2 emulator=$3 seed=$4 options=$5
    shift 5
    local sources=(-Iusual program.c)
    [[ $options != *alone* ]] ||
        sources=(-Ialone program.c alone/say.c -nostdlib -static -ffreestanding)
    has "$name" "$1" "$emulator" || return 0
    python3 "$TOP/tests/cmd/arguments.py" "$machine" "$seed" $options
    "$@" -g -w "${sources[@]}" -o program >compiled 2>&1 || {
        fail "$name" "$(head -c 300 compiled)"
        return
    }
    told_alike "$name" "$emulator"
}

seed=${CHANCE_SEED:-1}
for level in -O0 -O2; do
    try gcc$level x86_64 "" "$seed" "" gcc $level
    try clang$level x86_64 "" "$((seed + 1))" plain clang-19 $level
    for machine in aarch64:aarch64-linux-gnu:qemu-aarch64 \
        arm:arm-linux-gnueabihf:qemu-arm ppc32:powerpc-linux-gnu:qemu-ppc \
        riscv64:riscv64-linux-gnu:qemu-riscv64; do
        IFS=: read -r arch triple emulator <<<"$machine"
        [ "$arch" = ppc32 ] || try "$arch-clang$level" "$arch" "$emulator" \
            "$((seed + 2))" plain clang-19 "--target=$triple" -static \
            -fuse-ld=lld-19 $level
        try "$arch-gcc$level" "$arch" "$emulator" "$((seed + 3))" "" \
            "$triple-gcc" -static $level
    done
    try arm-soft$level arm qemu-arm "$((seed + 4))" "plain alone" \
        arm-linux-gnueabihf-gcc -marm -mfloat-abi=softfp $level
    try ppc32-soft$level ppc32 qemu-ppc "$((seed + 5))" "plain alone" \
        powerpc-linux-gnu-gcc -msoft-float $level
    try riscv64-soft$level riscv64 qemu-riscv64 "$((seed + 6))" "plain alone" \
        riscv64-linux-gnu-gcc -march=rv64imac_zicsr -mabi=lp64 $level
    try riscv64-single$level riscv64 qemu-riscv64 "$((seed + 7))" \
        "plain alone" riscv64-linux-gnu-gcc -march=rv64imafc_zicsr \
        -mabi=lp64f $level
    seed=$((seed + 8))
done

# Functions whose ends are shared, or end under a condition.
try ppc32-gcc-Os ppc32 qemu-ppc "$seed" "" powerpc-linux-gnu-gcc -static -Os
try arm-gcc-Os arm qemu-arm "$((seed + 1))" "" arm-linux-gnueabihf-gcc \
    -static -Os
try riscv64-gcc-Os riscv64 qemu-riscv64 "$((seed + 2))" "" \
    riscv64-linux-gnu-gcc -static -Os -msave-restore

# What only options of the compiler decide, or other compilers do another way,
# is refused with its place.
# refuses NAME COMPILER FLAG... <<<PROGRAM
refuses() {
    local name=$1
    shift
    has "$name" "$1" || return 0
    "$@" -g -w -c -O1 -xc -o program.o - && "$@" -o program program.o || {
        fail "$name" "not compiled"
        return
    }
    echo 'pid$target:a.out:f:entry { @ = sum(args[2]); }' >script.d
    ! "$MCTRACE" instrument --binary=program --output=program.inst \
        --persistence-file=data --script=script.d 2>said
    is "$name" 0 $?
    is "$name/said" 1 "$(grep -c 'is behind one.*\[D_ARGS_TYPE\]' said)"
}
vector='typedef int vector __attribute__((vector_size(BYTES)));
vector f(int a, vector b, int c) { return b + c; }
int main(void) { vector v = {0}; return f(1, v, 2)[0]; }'
refuses x86_64-vector gcc -DBYTES=32 <<<"$vector"
refuses arm-clang-vector clang-19 --target=arm-linux-gnueabihf \
    -fuse-ld=lld-19 -static -DBYTES=32 <<<"$vector"
refuses ppc32-altivec powerpc-linux-gnu-gcc -maltivec -mabi=altivec -static \
    -DBYTES=16 <<<"$vector"
refuses open clang-19 <<<'struct open { int n; float v[]; };
int f(int a, struct open b, int c) { return b.n + c; }
int main(void) { struct open b = {3}; return f(1, b, 2); }'
