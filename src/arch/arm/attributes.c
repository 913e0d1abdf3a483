// attributes.c: what a file says of the processor it is for, in its section
// .ARM.attributes ("Addenda to, and Errata in, the ABI for the ARM
// Architecture", 2.2 and 2.5).
//
//     'A'                              version
//     length, "aeabi\0"                a section of this owner
//       1, length                      of the whole file
//         tag, value                   ULEB128, or a text
//         ...

#include "arch/arm/arm.h"

enum {
    TAG_FILE = 1,
    TAG_RAW_NAME = 4,
    TAG_NAME = 5,
    TAG_ARCHITECTURE = 6,
    TAG_PROFILE = 7,
    TAG_COMPATIBILITY = 32
};

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

struct processor arm_processor(struct slice attributes) {
    struct reader in = reader_open(attributes, ORDER_LITTLE);
    uint64_t architecture = 0, profile = 0;
    if (reader_uint(&in, 1) != 'A')
        return (struct processor){.cc = NULL};
    reader_uint(&in, 4);
    if (!str_equal(reader_text(&in), STR("aeabi")) ||
        reader_uint(&in, 1) != TAG_FILE)
        return (struct processor){.cc = NULL};
    reader_uint(&in, 4);
    while (!in.failed && in.at < attributes.n) {
        uint64_t tag = reader_uleb(&in), value = 0;
        bool is_text = tag == TAG_RAW_NAME || tag == TAG_NAME ||
                       (tag > TAG_COMPATIBILITY && tag % 2 == 1);
        if (tag == TAG_COMPATIBILITY || !is_text)
            value = reader_uleb(&in);
        if (tag == TAG_COMPATIBILITY || is_text)
            reader_text(&in);
        if (tag == TAG_ARCHITECTURE)
            architecture = value;
        if (tag == TAG_PROFILE)
            profile = value;
    }
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
