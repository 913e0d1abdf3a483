# What only some kernels and processors of AArch64 ask for: pages of 64 KB, and
# landing pads where indirect jumps lead.
. "$TOP/tests/lib.sh"
need aarch64-linux-gnu-gcc qemu-aarch64

cat >program.c <<'END'
typedef long function(long);
static long call(long number, long a, long b, long c) {
    register long x8 __asm__("x8") = number, x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b, x2 __asm__("x2") = c;
    __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory");
    return x0;
}
#define PROBED __attribute__((noipa))
PROBED long leaf(long a) { return a * 3 + 1; }
PROBED long both(long a) { return leaf(a) * leaf(a + 1); }
function *const table[] = {leaf, both};
PROBED long indirect(long i, long a) { return table[i & 1](a); }
PROBED long choose(long i, long a) {
    switch (i) {
    case 0: return leaf(a);
    case 1: return both(a) + 1;
    case 2: return a * 5;
    case 3: return leaf(a) - leaf(a + 2);
    case 4: return both(a) ^ 7;
    case 5: return leaf(a + 9) * 2;
    default: return -1;
    }
}
void run(void) {
    char digits[24];
    long sum = 0, n = 24;
    for (long i = 0; i < 40; i++)
        sum += indirect(i, i) + choose(i % 7, i);
    for (digits[--n] = '\n'; sum > 0; sum /= 10)
        digits[--n] = (char)('0' + sum % 10);
    call(64, 1, (long)(digits + n), 24 - n);
    call(94, 0, 0, 0);
}
__asm__(".globl _start\n.type _start, %function\n_start: bti c\n"
        " adrp x16, run\n add x16, x16, :lo12:run\n blr x16\n brk #0\n"
        ".size _start, . - _start\n");
END
aarch64-linux-gnu-gcc -O2 -march=armv8.5-a -mbranch-protection=standard \
    -ffreestanding -nostdlib -static -o program program.c 2>gcc.log ||
    { fail compile "$(cat gcc.log)" && exit 0; }

script='BEGIN { begun = 1; }
pid$target:a.out:leaf:,pid$target:a.out:both:,pid$target:a.out:choose:
{ @all[probefunc] = count(); }
pid$target:a.out:indirect:entry { @[arg0 & 1] = count(); trace(arg1); }
pid$target:a.out:leaf:entry { @there = sum(copyin(arg0, 1) == NULL); }
syscall::write:return { written = arg0; }
profile-4999 { fired = 1; } tick-1ms { ticked = 1; }
ERROR { @errors = count(); }'

# check NAME FLAG...: the same output, and counts, by an emulator of its kind.
check() {
    local name=$1
    rm -f program.data
    timeout 60 qemu-aarch64 "${@:2}" ./program >before.out
    is "$name/status" 0 $?
    timeout 60 qemu-aarch64 "${@:2}" ./program.inst >after.out 2>after.err
    is "$name/instrumented" 0 $?
    is "$name/output" "$(cat before.out)" "$(cat after.out)"
    is "$name/counts" "$expected" "$(extract program 2>&1 |
        sed -n 's/.*\("@all.*\), "@there.*\("@errors.*\)/{\1, \2/p')"
    is "$name/records" 40 "$(extract program --format=text 2>&1 |
        grep -c 'indirect:entry')"
}

# By qemu's log of what it executes.
expected='{"@all": [{"key": ["both"], "value": 480}, {"key": ["leaf"], "value": 642}, {"key": ["choose"], "value": 788}], "@": [{"key": [0], "value": 20}, {"key": [1], "value": 20}], "@errors": 107}'
for generator in llvm c; do
    instrument ./program "$script" --strict --codegen=$generator
    is $generator/instrumented 0 $?
    is $generator/property "$(readelf -n program | grep BTI)" \
        "$(readelf -n program.inst | grep BTI)"
    check $generator/pads -cpu max
    check $generator/pages -p 65536
done
