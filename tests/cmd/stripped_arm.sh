# Programs of ARM whose symbols were stripped, and with them the marks that tell
# code from constants: the functions are found, at the same addresses with the
# same ways out, and no constant is touched.
. "$TOP/tests/lib.sh"
need arm-linux-gnueabihf-gcc arm-linux-gnueabihf-nm qemu-arm python3

cat >program.c <<'END'
#include <stdio.h>
#include <stdlib.h>
#define PROBED __attribute__((noinline, noclone))
typedef long function(long);
long total;
const double weights[] = {1.5, 2.25, 3.125};
PROBED static void give_up(const char *why) {
    printf("%s %ld\n", why, total);
    exit(3);
}
PROBED static long checked(long n) {
    if (n < -1000)
        give_up("too little");
    total += n ^ 0x12345678;
    if (n > 100000)
        give_up("too much");
    return n + 0x7654321;
}
PROBED static long pressed(long n) { return n * 0x10203 + total; }
PROBED static long tail(long n) {
    total += 5;
    return pressed(n + 1);
}
PROBED static long choose(long n) {
    switch (n % 12) {
    case 0: return checked(n) + 0x5a5a1234;
    case 1: return pressed(n) ^ 0x1234a5a5;
    case 2: return checked(n + 4) * 3;
    case 3: printf("three %ld\n", n); return n;
    case 4: return (long)(weights[n % 3] * (double)n);
    case 5: return pressed(checked(n));
    case 6: return tail(n);
    case 7: total ^= 0x77777777; return 7;
    case 8: give_up("eight");
    case 9: return checked(pressed(n) & 0xff) - 9;
    default: return -n;
    }
}
// What is jumped to by addresses of labels is no function.
PROBED static long threaded(const unsigned char *code, long n) {
    static void *const labels[] = {&&add, &&twice, &&call, &&back, &&end};
    if (n < 0)
        goto wrap;
    goto *labels[*code];
add:
    n += 0x1111111;
    goto *labels[*++code];
twice:
    if (n > 0x3fffffff)
        goto wrap;
    n *= 2;
    goto *labels[*++code];
call:
    n = checked(n & 0xfff);
    if (n & 1)
        goto wrap;
    goto *labels[*++code];
back:
    if (n > 100)
        goto wrap;
    goto *labels[*++code];
wrap:
    n &= 0xffff;
    total++;
    goto *labels[*++code];
end:
    return n;
}
PROBED static long first(long n) { return choose(n) + 1; }
PROBED static long second(long n) { return tail(n) - 1; }
function *pointers[] = {first, second};
PROBED static int order(const void *a, const void *b) {
    return *(const int *)a - *(const int *)b;
}
int main(int argc, char **argv) {
    static const unsigned char code[] = {0, 1, 2, 3, 0, 1, 1, 3, 4};
    int numbers[] = {5, 3, 9, 1};
    long sum = argc;
    for (long n = 0; n < 40; n++)
        if (n % 12 != 8)
            sum += pointers[n & 1](n);
    qsort(numbers, 4, sizeof *numbers, order);
    printf("%ld %ld %d %s\n", sum, threaded(code, 3), numbers[0], argv[0]);
    total = 0;
    return choose(8) != 0;
}
END

cat >compare.py <<'END'
import bisect, json, subprocess, sys
tools, whole = sys.argv[1:]
own = "give_up checked pressed tail choose threaded first second order main"
def output(*command):
    return subprocess.run(command, capture_output=True, text=True).stdout
marks, extents = [], []
for line in output(tools + "nm", "-nS", "--special-syms", whole).splitlines():
    words = line.split()
    if words[-1][:2] in ("$a", "$t", "$d"):
        marks.append((int(words[0], 16), words[-1][1]))
    elif len(words) == 4 and words[-1].split(".")[0] in own.split():
        extents.append((int(words[0], 16) & ~1, int(words[1], 16)))
def sites(report):
    found = set()
    for site in json.load(open(report))["sites"]:
        va = int(site["va"], 16)
        if any(0 <= va - start < length for start, length in extents):
            found.add((hex(va), site["name"], site["tactic"] == "missed"))
    return found
a, b = sites("whole.report"), sites("bare.report")
# Labels that no branch leads across may be taken for functions.
wrong = [sorted(a - b), sorted(b - a)]
print("sites", "right" if len(a) > 15 and max(map(len, wrong)) < 4 else wrong)
before, after = open("bare", "rb").read(), open("bare.inst", "rb").read()
touched = []
for line in output(tools + "readelf", "-SW", whole).splitlines():
    words = line.split("]")[-1].split()
    if len(words) > 6 and words[1] == "PROGBITS" and "X" in words[6]:
        va, off, length = (int(word, 16) for word in words[2:5])
        for at in range(off, off + length):
            where = bisect.bisect(marks, (va + at - off, "~")) - 1
            if before[at] != after[at] and marks[where][1] == "d":
                touched.append(hex(va + at - off))
print("constants", touched[:8])
END

# check NAME FLAG...
check() {
    local name=$1
    arm-linux-gnueabihf-gcc -O2 "${@:2}" -o whole program.c 2>gcc.log ||
        { fail "$name/compile" "$(cat gcc.log)"; return; }
    arm-linux-gnueabihf-strip -o bare whole
    for program in whole bare; do
        instrument $program '
            pid$target:a.out::entry { @e[probefunc] = count(); }
            pid$target:a.out::return { @r = count(); }' \
            --root=/usr/arm-linux-gnueabihf --report=$program.report ||
            { fail "$name/$program" "$(tail -n 1 $program.said)"; return; }
    done
    is "$name/sites" "sites right
constants []" "$(python3 compare.py arm-linux-gnueabihf- whole)"
    run() { qemu-arm -L /usr/arm-linux-gnueabihf -0 it "$@"; }
    is "$name/output" "$(run ./bare; echo $?)" "$(run ./bare.inst; echo $?)"
}
check thumb -mthumb
check thumb-static -mthumb -static
check arm -marm
check thumb-small -mthumb -Os
check arm-small -marm -Os
check arm-static -marm -static
