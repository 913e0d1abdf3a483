// attributes.c: what a file says of the processor it is for, and of how it
// passes floating-point numbers, in its section .ARM.attributes ("Addenda to,
// and Errata in, the ABI for the ARM Architecture", 2.5).

#include <elf.h>

#include "arch/arm/arm.h"

enum { TAG_ARCHITECTURE = 6, TAG_PROFILE = 7, TAG_VFP_ARGS = 28 };

enum { V7 = 10, V7E_M = 13, V8_A = 14 };

#define NO_WIDE_JUMPS "ARMv6-M has no jumps of four bytes"
#define THUMB_2       "added code is Thumb-2, which begins with ARMv7"

// By name and the values of TAG_ARCHITECTURE; what all profiles have is told by
// their letter. Soft floating point: an architecture alone has no other.
#define SOFT(name) "-march=" name " -mfloat-abi=soft"
static const struct {
    const char *name;
    uint8_t architecture, profile;
    struct processor is;
} processors[] = {
    {"armv7-m", V7, 'M', {.cc = SOFT("armv7-m"), .is_bare = true}},
    {"armv7e-m", V7E_M, 'M', {.cc = SOFT("armv7e-m"), .is_bare = true}},
    {"armv8-m.main", 17, 'M', {.cc = SOFT("armv8-m.main"), .is_bare = true}},
    {"armv8.1-m.main",
     21,
     'M',
     {.cc = SOFT("armv8.1-m.main"), .is_bare = true}},
    {"armv6-m", 11, 'M', {.lacks = NO_WIDE_JUMPS, .is_bare = true}},
    {"armv6s-m", 12, 'M', {.lacks = NO_WIDE_JUMPS, .is_bare = true}},
    {"armv8-m.base",
     16,
     'M',
     {.lacks = "ARMv8-M Baseline has no blocks of IT", .is_bare = true}},
    {"armv7-r",
     V7,
     'R',
     {.cc = SOFT("armv7-r"), .is_bare = true, .holds_by_status = true}},
    {"armv8-r",
     15,
     'R',
     {.cc = SOFT("armv8-r"), .is_bare = true, .holds_by_status = true}},
    {"armv7-a", V7, 'A', {.cc = SOFT("armv7-a"), .holds_by_status = true}},
    {"armv8-a", V8_A, 'A', {.cc = SOFT("armv8-a"), .holds_by_status = true}},
};

const struct processor *arm_processor_named(struct str name) {
    for (size_t i = 0; i < COUNT_OF(processors); i++)
        if (str_equal(str_from(processors[i].name), name))
            return &processors[i].is;
    return NULL;
}

// Profile M knows T32 alone. Code of A32 begins with its vectors or with what
// sets up a stack, and either is under no condition.
const struct processor *arm_processor_begun(struct slice code) {
    enum { WORDS = 4 };
    static const struct processor microcontroller = {.cc = NULL};
    for (unsigned i = 0; i < WORDS; i++)
        if (code.n < 4 * WORDS || code.p[4 * i + 3] >> 4 != COND_AL)
            return &microcontroller;
    return arm_processor_named(STR("armv7-a"));
}

static uint64_t attribute(struct slice attributes, uint64_t tag) {
    return arch_attribute(attributes, ORDER_LITTLE, STR("aeabi"), tag);
}

struct processor arm_processor(struct slice attributes) {
    uint64_t architecture = attribute(attributes, TAG_ARCHITECTURE);
    uint64_t profile = attribute(attributes, TAG_PROFILE);
    if (attributes.n == 0 || attributes.p[0] != 'A')
        return (struct processor){.cc = NULL};
    // Where a name is all that is said those of microcontrollers are known by
    // the architecture.
    for (size_t i = 0; i < COUNT_OF(processors); i++)
        if (processors[i].architecture == architecture &&
            (processors[i].profile == profile ||
             (profile == 0 && processors[i].profile == 'M' &&
              architecture != V7)))
            return processors[i].is;
    bool is_old = architecture != 0 && architecture < V7;
    return (struct processor){.bare_lacks = is_old ? THUMB_2 : NULL,
                              .is_bare = profile == 'M' || profile == 'R',
                              .holds_by_status = profile != 'M'};
}

uint8_t arm_float_bits(uint32_t flags, struct slice attributes) {
    bool is_said = flags & (EF_ARM_ABI_FLOAT_HARD | EF_ARM_ABI_FLOAT_SOFT);
    bool is_hard = is_said ? flags & EF_ARM_ABI_FLOAT_HARD
                           : attribute(attributes, TAG_VFP_ARGS) == 1;
    return is_hard ? 64 : 0;
}
