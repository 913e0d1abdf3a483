// attributes.c: what a file says of the processor it is for, and of how it
// passes floating-point numbers, in its section .ARM.attributes ("Addenda to,
// and Errata in, the ABI for the ARM Architecture", 2.5).

#include <elf.h>

#include "arch/arm/arm.h"

enum { TAG_ARCHITECTURE = 6, TAG_PROFILE = 7, TAG_VFP_ARGS = 28 };

enum { V7 = 10, V7E_M = 13, V8_A = 14 };

#define THUMB_2 "added code is Thumb-2, which begins with ARMv7"

// By the values of TAG_ARCHITECTURE; what all profiles have is told by their
// letter. Soft floating point: an architecture alone has no other.
static const struct {
    uint8_t architecture, profile;
    struct processor is;
} processors[] = {
    {V7, 'M', {.cc = "-march=armv7-m -mfloat-abi=soft", .is_bare = true}},
    {V7E_M, 'M', {.cc = "-march=armv7e-m -mfloat-abi=soft", .is_bare = true}},
    {17, 'M', {.cc = "-march=armv8-m.main -mfloat-abi=soft", .is_bare = true}},
    {21,
     'M',
     {.cc = "-march=armv8.1-m.main -mfloat-abi=soft", .is_bare = true}},
    {11, 'M', {.lacks = "ARMv6-M has no jumps of four bytes", .is_bare = true}},
    {12, 'M', {.lacks = "ARMv6-M has no jumps of four bytes", .is_bare = true}},
    {16,
     'M',
     {.lacks = "ARMv8-M Baseline has no blocks of IT", .is_bare = true}},
    {V7,
     'R',
     {.cc = "-march=armv7-r -mfloat-abi=soft",
      .is_bare = true,
      .holds_by_status = true}},
    {15,
     'R',
     {.cc = "-march=armv8-r -mfloat-abi=soft",
      .is_bare = true,
      .holds_by_status = true}},
    {V7,
     'A',
     {.cc = "-march=armv7-a -mfloat-abi=soft", .holds_by_status = true}},
    {V8_A,
     'A',
     {.cc = "-march=armv8-a -mfloat-abi=soft", .holds_by_status = true}},
};

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
