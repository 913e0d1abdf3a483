# What <sys/sdt.h> makes of the arguments of a program's own probes, on every
# machine, by both compilers, optimised and not: in registers and in two of
# them, in memory of many forms, constants, addresses, floating-point numbers.
# The program says what it passes.
. "$TOP/tests/lib.sh"
header=$(echo '#include <sys/sdt.h>' | gcc -E -xc - 2>/dev/null |
    sed -n 's/^# 1 "\(.*\)\/sys\/sdt.h".*/\1/p' | head -n 1)
[ -n "$header" ] || { skip all "no sys/sdt.h"; exit 0; }
mkdir -p include/sys
cp "$header"/sys/sdt*.h include/sys

cat >program.c <<'END'
#include <stdio.h>
#include <string.h>
#include <sys/sdt.h>
struct parts {
    int a;
    long long b;
    signed char c;
    short s;
    unsigned char u;
};
int global = 5;
static long long wide_global = -77000000000ll;
static int table[10] = {9, 8, -7, 6};
static char text[20] = "text";
volatile int sink = 1;
#define NOINLINE __attribute__((noinline, noclone))
#define SAY(form, ...) printf(form "\n", __VA_ARGS__)
#define N(value) (long long)(value)
#define P(value) (long long)(unsigned long)(value)

NOINLINE void ten(int a, long b, signed char c, short d, unsigned e,
                  unsigned char *p, struct parts *s, int i) {
    DTRACE_PROBE10(app, ten, a, b, c, d, e, p, s->a, s->b, s->c, i);
    SAY("ten %lld %lld %lld %lld %lld %lld %lld %lld %lld %lld", N(a), N(b),
        N(c), N(d), N(e), P(p), N(s->a), N(s->b), N(s->c), N(i));
}
NOINLINE void places(int a, long long l, unsigned char *p, struct parts *s,
                     int i) {
    int local = a * 3;
    volatile int kept = a + 7;
    long long wide = l * 3;
    volatile long long wide_kept = l - 1;
    DTRACE_PROBE8(app, places, local, kept, wide, wide_kept, p[i], table[i],
                  table[i + 1], s->s);
    SAY("places %lld %lld %lld %lld %lld %lld %lld %lld", N(local), N(kept),
        N(wide), N(wide_kept), N(p[i]), N(table[i]), N(table[i + 1]), N(s->s));
}
NOINLINE void fixed(void) {
    DTRACE_PROBE8(app, fixed, 42, -1, 123456789012ll, global, wide_global,
                  &global, &table[2], text);
    SAY("fixed %lld %lld %lld %lld %lld %lld %lld %lld", 42ll, -1ll,
        123456789012ll, N(global), N(wide_global), P(&global), P(&table[2]),
        P(text));
}
NOINLINE void others(struct parts *s, int i) {
    DTRACE_PROBE5(app, others, s->u, (void *)0, &text[i], table[3], &s->b);
    SAY("others %lld %lld %lld %lld %lld", N(s->u), 0ll, P(&text[i]),
        N(table[3]), P(&s->b));
}
NOINLINE void floats(double d, float f, int n) {
    unsigned bits;
    long long wide;
    DTRACE_PROBE3(app, floats, d, f, n);
    memcpy(&bits, &f, sizeof bits);
    memcpy(&wide, &d, sizeof wide);
    SAY("floats %lld %lld %lld", wide, N(bits), N(n));
}
// Everything is wanted again behind the probe, and there is more of it than
// there are registers.
NOINLINE long long crowded(long long *p, int n) {
    long long a = p[0], b = p[1] * 3, c = p[2] + n, d = p[3] ^ n, e = p[4] - n;
    long long f = p[5] + 2, g = p[6] * n, h = p[7] * p[0];
    DTRACE_PROBE10(app, crowded, a, b, c, d, e, f, g, h, n, p[n]);
    SAY("crowded %lld %lld %lld %lld %lld %lld %lld %lld %lld %lld", a, b, c, d,
        e, f, g, h, N(n), p[n]);
    return a + b * c + d * e + f * g + h;
}
// What is handed over is for the markers alone, and the registers that it is
// in are free otherwise, from one of them to the next.
NOINLINE long long again(int *p, int n) {
    int x = p[0] * 3 + n, y = p[1] ^ n, z = p[2] - n;
    long long sum = 0;
    DTRACE_PROBE3(app, first, x, y, z);
    for (int i = 0; i < 2; i++)
        sum += p[i] * p[i + 1] + (sum ^ i);
    DTRACE_PROBE3(app, second, x, y, z);
    for (int i = 0; i < 2; i++)
        sum += p[i] * p[i + 1] * 7 + (sum ^ i);
    DTRACE_PROBE3(app, third, x, y, z);
    SAY("first %d %d %d\nsecond %d %d %d\nthird %d %d %d", p[0] * 3 + n,
        p[1] ^ n, p[2] - n, p[0] * 3 + n, p[1] ^ n, p[2] - n, p[0] * 3 + n,
        p[1] ^ n, p[2] - n);
    return sum;
}
int main(void) {
    struct parts s = {-1, -20000000000ll, -3, -4, 250};
    unsigned char bytes[] = {200, 201, 202};
    long long longs[] = {1ll << 40, -2, 3, -4ll << 35, 5, 6, -7, 8};
    ten(-sink, -2, -3, -4, 4000000000u, bytes, &s, sink);
    places(sink, -5000000000ll, bytes, &s, sink);
    fixed();
    others(&s, sink);
    floats(2.5 * sink, -1.5f * sink, sink);
    again((int[]){500, 60, 7}, sink);
    return crowded(longs, sink + 1) == 1;
}
END
cat >script.d <<'END'
#pragma D option quiet
app*:::ten, app*:::crowded {
    printf("%s %d %d %d %d %d %d %d %d %d %d\n", probename, arg0, arg1, arg2,
           arg3, arg4, arg5, arg6, arg7, arg8, arg9);
}
app*:::places, app*:::fixed {
    printf("%s %d %d %d %d %d %d %d %d\n", probename, arg0, arg1, arg2, arg3,
           arg4, arg5, arg6, arg7);
}
app*:::others {
    printf("others %d %d %d %d %d\n", arg0, arg1, arg2, arg3, arg4);
}
app*:::first, app*:::second, app*:::third {
    printf("%s %d %d %d\n", probename, arg0, arg1, arg2);
}
app*:::floats { printf("floats %d %d %d\n", arg0, arg1, arg2); }
END

# try NAME EMULATOR COMPILER FLAG...
try() {
    local name=$1 emulator=$2
    shift 2
    has "$name" "$1" "$emulator" || return 0
    "$@" -w -Iinclude -o program program.c >compiled 2>&1 || {
        fail "$name" "$(head -c 300 compiled)"
        return
    }
    told_alike "$name" "$emulator"
}

for level in -O0 -O2 "-O3 -fno-pic -no-pie"; do
    try "gcc$level" "" gcc $level
    try "clang$level" "" clang-19 $level
    for machine in aarch64:aarch64-linux-gnu:qemu-aarch64 \
        arm:arm-linux-gnueabihf:qemu-arm ppc32:powerpc-linux-gnu:qemu-ppc \
        riscv64:riscv64-linux-gnu:qemu-riscv64; do
        IFS=: read -r arch triple emulator <<<"$machine"
        # Labels that no symbol tells of are not had.
        clang=
        [ "$arch" != arm ] || clang=-mno-global-merge
        try "$arch-gcc$level" "$emulator" "$triple-gcc" -static $level
        try "$arch-clang$level" "$emulator" clang-19 "--target=$triple" \
            -static -fuse-ld=lld-19 $level $clang
    done
done

# Merged variables are at a label of the compiler's own: what is behind it is
# told, if it is asked for.
cat >merged.c <<'END'
#include <sys/sdt.h>
static int first = 5, second = 6;
__attribute__((noinline)) void change(int n) { first += n; second += 2 * n; }
int main(int argc, char **argv) {
    change(argc);
    DTRACE_PROBE2(app, merged, argc, &second);
    return 0;
}
END
if has merged clang-19; then
    clang-19 --target=arm-linux-gnueabihf -O2 -fno-pic -mglobal-merge -static \
        -fuse-ld=lld-19 -Iinclude -o merged merged.c
    tell() {
        "$MCTRACE" instrument --binary=merged --output=merged.inst \
            --persistence-file=data -n "$1" 2>said
        grep -c "arg1 of app:a.out:main:merged at .* is 0: .*\[R_OPERAND\]" said
    }
    is merged 1 "$(tell 'app*:::merged { @ = sum(arg0 + arg1); }')"
    is merged/unasked 0 "$(tell 'app*:::merged { @ = sum(arg0); }')"
fi
