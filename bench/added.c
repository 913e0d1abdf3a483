// added.c: calls leaf() and caller() as often as it is told, so that the
// instructions that a probe adds to each call can be counted.

#include <stdlib.h>

#define APART __attribute__((noipa))

APART unsigned leaf(unsigned n) {
    return (n ^ 0x5555) * 3;
}

APART unsigned caller(unsigned n) {
    return leaf(n) + leaf(n + 1);
}

int main(int argc, char **argv) {
    unsigned sum = 0;
    for (int i = argc > 1 ? atoi(argv[1]) : 1; i > 0; i--)
        sum += caller(sum);
    return sum == 1;
}
