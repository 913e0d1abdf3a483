// attributes.c: what a file says of itself in a section of build attributes
// ("Addenda to, and Errata in, the ABI for the ARM Architecture", 2.2; others
// have taken it over).
//
//     'A'                              version
//     length, "aeabi\0"                a section of this owner
//       1, length                      of the whole file
//         tag, value                   ULEB128, or a text
//         ...

#include "arch/arch.h"

enum { TAG_FILE = 1, TAG_RAW_NAME = 4, TAG_NAME = 5, TAG_COMPATIBILITY = 32 };

// Texts have odd numbers; the first ones of ARM's are not told apart so.
static bool is_text(uint64_t tag, bool is_arm) {
    if (is_arm && tag < TAG_COMPATIBILITY)
        return tag == TAG_RAW_NAME || tag == TAG_NAME;
    return tag % 2 == 1;
}

uint64_t arch_attribute(struct slice attributes, enum byte_order order,
                        struct str owner, uint64_t wanted) {
    struct reader in = reader_open(attributes, order);
    uint64_t found = 0;
    if (reader_uint(&in, 1) != 'A')
        return 0;
    reader_uint(&in, 4);
    if (!str_equal(reader_text(&in), owner) || reader_uint(&in, 1) != TAG_FILE)
        return 0;
    reader_uint(&in, 4);
    bool is_arm = str_equal(owner, STR("aeabi"));
    while (!in.failed && in.at < attributes.n) {
        uint64_t tag = reader_uleb(&in), value = 0;
        bool has_text = is_text(tag, is_arm);
        if (tag == TAG_COMPATIBILITY || !has_text)
            value = reader_uleb(&in);
        if (tag == TAG_COMPATIBILITY || has_text)
            reader_text(&in);
        if (tag == wanted)
            found = value;
    }
    return found;
}
