// Compilers know which registers their own functions leave alone, and keep
// values there across calls whatever the ABI says.
#include <stdio.h>
#include <stdlib.h>

#define KNOWN static __attribute__((noinline, noclone))

static unsigned long total;

KNOWN unsigned long leaf(unsigned long x) {
    return x ^ (x >> 7);
}

KNOWN void note(unsigned long x) {
    total += x;
}

KNOWN unsigned long nested(unsigned long x) {
    return leaf(x) + 3;
}

// More values than there are registers that callees must preserve.
KNOWN unsigned long many(const unsigned long *v) {
    unsigned long a = v[0] * 3, b = v[1] * 5, c = v[2] * 7, d = v[3] * 9,
                  e = v[4] * 11, f = v[5] * 13, g = v[6] * 15, h = v[7] * 17,
                  i = v[8] * 19, j = v[9] * 21, k = v[10] * 23;
    unsigned long sum = 0;
    for (int round = 0; round < 3; round++) {
        sum += leaf(a + sum) ^ nested(b + sum);
        note(c);
        sum = sum * 31 + (a ^ b ^ c ^ d ^ e ^ f ^ g ^ h ^ i ^ j ^ k);
        a += d, b += e, c += f, g += h, i += j, k += a;
        sum += leaf(sum + k);
    }
    return sum + a + b + c + d + e + f + g + h + i + j + k;
}

int main(int argc, char **argv) {
    unsigned long v[11];
    (void)argv;
    for (int i = 0; i < 11; i++)
        v[i] = (unsigned long)(i * argc + 1) * 0x9e3779b97f4a7c15ul;
    printf("%lx\n", many(v));
    printf("%lx\n", total);
    return 0;
}

// >>> script
// uint64_t leaves, returns;
// pid$target:a.out:leaf:, pid$target:a.out:note:, pid$target:a.out:nested:,
// pid$target:a.out:many:
// {
//     @all = count();
//     @sums[arg0 & 3, probename] = sum(arg1 * 3 + arg0 % 7);
//     @spread = quantize(arg0 ^ (arg1 >> 3));
// }
// pid$target:a.out:leaf:entry { leaves = leaves + 1; }
// pid$target:a.out:leaf:return { returns = returns + 1; }
// >>> json
// {"leaves": 9, "returns": 9, "@all": "...", "@sums": "...", "@spread": "..."}
