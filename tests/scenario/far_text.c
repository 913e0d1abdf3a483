// More added code than one jump spans: what is moved from one function leads to
// the trampoline of another, which is far away although the function is near.
#include "scenario.h"

#include <stdio.h>

__asm__(".text\n"
        ".macro filler\n"
        ".type filler_\\@, %function\n"
        "filler_\\@: .cfi_startproc\n"
        ".rept 3\n"
        "addi a0, a1, 1\n"
        "addi a1, a0, 1\n"
        ".endr\n"
        "ret\n"
        ".cfi_endproc\n"
        ".size filler_\\@, . - filler_\\@\n"
        ".endm\n"
        // A tail call, a call that links in another register, a branch to what
        // another function's window covers.
        ".global tails, links, joins, last\n"
        ".type tails, %function\n"
        "tails: j last\n"
        ".size tails, . - tails\n"
        ".type links, %function\n"
        "links: jal t0, last_linked\n"
        "add a0, a0, a1\n"
        "ret\n"
        ".size links, . - links\n"
        ".type joins, %function\n"
        "joins: j inside\n"
        ".size joins, . - joins\n"
        ".rept 700\n"
        "filler\n"
        ".endr\n"
        ".type last, %function\n"
        "last: c.addi a0, 3\n"
        "inside: c.add a0, a1\n"
        "addi a0, a0, 5\n"
        "ret\n"
        ".size last, . - last\n"
        ".type last_linked, %function\n"
        "last_linked: addi a0, a0, 7\n"
        "jr t0\n"
        ".size last_linked, . - last_linked\n");

long tails(long a, long b), links(long a, long b), joins(long a, long b);
long last(long a, long b);

int main(void) {
    long sum = 0;
    for (long i = 0; i < 10; i++) {
        sum += tails(i, 2) + links(i, 3) + joins(i, 4);
        if (i < 5)
            sum += last(i, 1);
    }
    printf("%ld\n", sum);
    return 0;
}
// >>> builds
// static-riscv64
// >>> script
// pid$target:a.out:filler*:entry, pid$target:a.out:filler*:return {
//   @stacks[ustack(4)] = count(); @values = quantize(arg0);
//   self->t = timestamp; self->d++; @times = max(timestamp - self->t);
//   last[probefunc]++;
// }
// pid$target:a.out:tails:entry, pid$target:a.out:links:entry,
// pid$target:a.out:joins:entry, pid$target:a.out:last*:entry {
//   @[probefunc] = count();
// }
// >>> text
//
//   joins                                                            10
//   last_linked                                                      10
//   links                                                            10
//   tails                                                            10
//   last                                                             15
