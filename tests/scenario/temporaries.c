// Registers that the ABI lets calls change, relied on all the same: across a
// callee that leaves them alone, or saves them; as arguments; through two calls
// and a jump. Written by hand where a compiler would not.
#include "scenario.h"

#include <stdio.h>

#ifdef __aarch64__

#define FUNCTION(name, body)                                                   \
    __asm__(".text\n.global " #name "\n.type " #name ", %function\n" #name     \
            ":\n" body "\n.size " #name ", . - " #name "\n")

#define FILL                                                                   \
    "mov x9, #1\n mov x10, #2\n mov x11, #4\n mov x12, #8\n"                   \
    "mov x13, #16\n mov x14, #32\n mov x15, #64\n"
#define SUM                                                                    \
    "add x0, x0, x9\n add x0, x0, x10\n add x0, x0, x11\n add x0, x0, x12\n"   \
    "add x0, x0, x13\n add x0, x0, x14\n add x0, x0, x15\n"

FUNCTION(leaves, "add x0, x0, #1000\n ret");
FUNCTION(jumps, "b leaves");
FUNCTION(between, "stp x29, x30, [sp, #-16]!\n bl jumps\n"
                  "ldp x29, x30, [sp], #16\n ret");
FUNCTION(relies, "stp x29, x30, [sp, #-16]!\n" FILL "bl between\n" SUM
                 "ldp x29, x30, [sp], #16\n ret");
FUNCTION(saves, "stp x9, x10, [sp, #-16]!\n mov x9, #1\n mov x10, #2\n"
                "add x0, x0, x9\n add x0, x0, x10\n"
                "ldp x9, x10, [sp], #16\n ret");
FUNCTION(is_saved, "stp x29, x30, [sp, #-16]!\n" FILL "bl saves\n" SUM
                   "ldp x29, x30, [sp], #16\n ret");
FUNCTION(takes, "add x0, x0, x12\n sub x0, x0, x15\n ret");
FUNCTION(hands_on, "stp x29, x30, [sp, #-16]!\n bl takes\n"
                   "ldp x29, x30, [sp], #16\n ret");
FUNCTION(gives, "stp x29, x30, [sp, #-16]!\n" FILL "bl hands_on\n"
                "ldp x29, x30, [sp], #16\n ret");

long relies(long), is_saved(long), gives(long);

#else

PROBED long leaves(long n) {
    return n + 1000;
}
PROBED long jumps(long n) {
    return leaves(n);
}
PROBED long between(long n) {
    return jumps(n);
}
PROBED long relies(long n) {
    return between(n) + 127;
}
PROBED long saves(long n) {
    return n + 3;
}
PROBED long is_saved(long n) {
    return saves(n) + 127;
}
PROBED long takes(long n) {
    return n + 8 - 64;
}
PROBED long hands_on(long n) {
    return takes(n);
}
PROBED long gives(long n) {
    return hands_on(n);
}

#endif

int main(void) {
    for (long n = 0; n < 3; n++)
        printf("%ld %ld %ld\n", relies(n), is_saved(n), gives(n));
    return 0;
}
// >>> cflags
// -fno-optimize-sibling-calls
// >>> script
// pid$target:a.out:leaves:entry, pid$target:a.out:jumps:entry,
// pid$target:a.out:between:entry, pid$target:a.out:relies:entry,
// pid$target:a.out:saves:entry, pid$target:a.out:is_saved:entry,
// pid$target:a.out:takes:entry, pid$target:a.out:hands_on:entry,
// pid$target:a.out:gives:entry { @entries = count(); }
// pid$target:a.out:leaves:return, pid$target:a.out:jumps:return,
// pid$target:a.out:between:return, pid$target:a.out:relies:return,
// pid$target:a.out:saves:return, pid$target:a.out:is_saved:return,
// pid$target:a.out:takes:return, pid$target:a.out:hands_on:return,
// pid$target:a.out:gives:return { @returns = count(); }
// >>> json
// {"@entries": 27, "@returns": 27}
