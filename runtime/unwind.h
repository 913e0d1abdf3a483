// unwind.h: what the files that walk stacks share: frames.c reads rules,
// rules.c keeps them, modules.c knows what is loaded where, unwind.c follows,
// paths.c remembers.

#ifndef MCTRACE_RT_UNWIND_H
#define MCTRACE_RT_UNWIND_H

#include "rt.h"

// Registers of a frame that are followed: the stack pointer and those that a
// function must leave as they were. SYS_BASES lists their DWARF numbers.
#define MCT_BASES   SYS_BASE_COUNT
#define MCT_BASE_SP 0
#define MCT_BASE_FP SYS_BASE_FP
#ifdef SYS_BASE_LINK
#define MCT_BASE_LINK SYS_BASE_LINK
#else
#define MCT_BASE_LINK MCT_BASE_NONE
#endif
#define MCT_BASE_CFA  (MCT_BASES + 1)
#define MCT_BASE_NONE (MCT_BASES + 2)

enum mct_rule_kind {
    MCT_RULE_NONE,  // not known: frame pointers must do
    MCT_RULE_FRAME, // as below
    MCT_RULE_SIGNAL,
    MCT_RULE_LAST // it was called by nobody
};

// How a caller's frame is found. Its stack pointer is the canonical frame
// address (CFA): register `base` + `off`, or the word that lies there + `plus`.
struct mct_rule {
    int32_t off, plus, ra_off;
    uint32_t changed; // registers that the caller's differ in, one bit each
    int32_t offs[MCT_BASES];  // of `changed` ones: where they lie ...
    uint8_t bases[MCT_BASES]; // ... from the CFA, or a register on
    uint8_t base, kind, is_word;
    uint8_t in_link; // the return address is
};

// Something executable: an image, or code that a program made.
struct mct_module {
    uint64_t from, to;
    uint64_t header, table, fde_count; // .eh_frame_hdr; 0: none
    uint64_t exidx, exidx_count;       // .ARM.exidx; 0: none
};

static inline void mct_clear(void *at, uint64_t len) {
    for (uint64_t i = 0; i < len / 8; i++)
        ((uint64_t *)at)[i] = 0;
}

static inline uint8_t mct_base_of(uint64_t column) {
    static const uint8_t bases[] = SYS_BASES;
    for (uint8_t i = 0; i < MCT_BASES; i++)
        if (bases[i] == column)
            return i;
    return MCT_BASE_NONE;
}

static inline uint8_t mct_column_of(unsigned base) {
    static const uint8_t bases[] = SYS_BASES;
    return bases[base];
}

// Of an address, and of what functions save of registers.
#define MCT_WORD ((unsigned)sizeof(uintptr_t))

// `len` is 1, 2, 4 or 8.
HIDDEN bool mct_unwind_load(uint64_t at, uint64_t *value, unsigned len);

// frames.c

// Memory to work in, for a program's stack may be small.
struct mct_frames_work {
    uint64_t words[64 + 27 * SYS_COLUMNS];
};

// Reads the header of a module's search table; false: it has none that is
// understood.
HIDDEN bool mct_frames_open(struct mct_module *module, uint64_t header);
// The rule at `pc`; false: there is none, or none that has this form.
HIDDEN bool mct_frames_rule(const struct mct_module *module, uint64_t pc,
                            struct mct_frames_work *work,
                            struct mct_rule *rule);

// exidx.c

// The same of machines that have such tables (SYS_EXIDX): what holds in the
// midst of a function.
HIDDEN bool mct_exidx_rule(const struct mct_module *module, uint64_t pc,
                           struct mct_rule *rule);

// modules.c

#define MCT_MODULES     512
#define MCT_MODULE_TEXT 65536

// What is loaded, as last looked. Readers copy what they want and look whether
// `version` is what it was; while it is odd all is being written.
struct mct_modules {
    uint32_t version, count;
    uint32_t text_len;
    uint32_t is_told;     // the text was recorded
    uint64_t nowhere[64]; // pages that belonged to nothing
    struct mct_module items[MCT_MODULES];
    char text[MCT_MODULE_TEXT]; // as a record has it, see records.h
    // Of whoever looks; a program's stack may be small.
    char piece[512];
    uint64_t looking[16];
};

enum mct_found { MCT_FOUND, MCT_FOUND_AFTER_LOOKING, MCT_FOUND_NOTHING };

// The module that holds an address. Looks what is loaded if it was not known.
HIDDEN enum mct_found mct_module_at(struct mct_modules *modules, uint64_t at,
                                    struct mct_module *module);

#endif
