// Zeroed data across which jumps lead in A32 alone: where T32's sites lack
// room, code of both encodings may be moved for what leads farther.
#include "scenario.h"

#include <stdio.h>

static char between[20 << 20];

#define FUNCTION(name, mode, body)                                             \
    __asm__(".text\n.global " #name "\n" mode "\n.type " #name                 \
            ", %function\n" #name ":\n" body "\n.size " #name ", . - " #name   \
            "\n")

FUNCTION(a32_before, ".section .low, \"ax\", %progbits\n.arm",
         "mov r1, #1\n add r0, r0, r1\n add r0, r0, r1\n add r0, r0, r1\n"
         "add r0, r0, r1\n add r0, r0, r1\n add r0, r0, r1\n"
         "add r0, r0, r1\n add r0, r0, r1\n add r0, r0, r1\n bx lr");
FUNCTION(nothing, ".thumb", "bx lr");
FUNCTION(nothing_more, ".thumb", "bx lr");
FUNCTION(a32_behind, ".arm",
         "mov r1, #1\n add r0, r0, r1\n add r0, r0, r1\n add r0, r0, r1\n"
         "add r0, r0, r1\n add r0, r0, r1\n add r0, r0, r1\n"
         "add r0, r0, r1\n add r0, r0, r1\n add r0, r0, r1\n bx lr");

long a32_before(long), a32_behind(long), nothing(long), nothing_more(long);

// Who calls by an address may be anyone, as far as analysis knows.
static long (*volatile any[])(long) = {nothing, nothing_more, a32_before,
                                       a32_behind};

int main(void) {
    long sum = 0;
    for (long i = 0; i < 40; i++)
        sum += any[i % 4](i);
    between[sum & 255]++;
    printf("%ld %d\n", sum, between[sum & 255]);
    return 0;
}

// >>> builds
// static-arm
// >>> cflags
// -Wl,-Ttext-segment=0x100000 -Wl,--section-start=.low=0x80000
// >>> options
// -Z
// >>> script
// pid$target:a.out:nothing*:entry,pid$target:a.out:nothing*:return
// {
//     @[probefunc, probename] = count();
// }
// >>> json
// {"@": [{"key": ["nothing", "entry"], "value": 10},
//        {"key": ["nothing", "return"], "value": 10},
//        {"key": ["nothing_more", "entry"], "value": 10},
//        {"key": ["nothing_more", "return"], "value": 10}]}
