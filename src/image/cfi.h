// cfi.h: call frame information, read and interpreted; private to this
// folder. See frames.c (one address) and elf_unwind.c (written for added
// code).

#ifndef MCTRACE_IMAGE_CFI_H
#define MCTRACE_IMAGE_CFI_H

#include "image/image.h"

enum cfi_rule_kind {
    RULE_UNSET, // not mentioned: the machine's default
    RULE_UNDEFINED,
    RULE_SAME,
    RULE_OFFSET,     // saved at CFA + value
    RULE_VAL_OFFSET, // is CFA + value
    RULE_REGISTER,   // in register `value`
    RULE_EXPRESSION, // saved at the expression's result
    RULE_VAL_EXPRESSION,
    // Of the CFA only: register `reg` + value. RULE_EXPRESSION otherwise.
    RULE_CFA
};

struct cfi_rule {
    uint8_t kind; // enum cfi_rule_kind
    uint16_t reg; // DWARF number
    int64_t value;
    struct slice expression;
};

enum { CFI_COLUMNS = 96 };

// How every register of the caller is found; columns from `count` on are
// RULE_UNSET.
struct cfi_rules {
    struct cfi_rule cfa;
    bool is_signed; // AArch64: the return address is, where it is saved
    unsigned count;
    struct cfi_rule columns[CFI_COLUMNS];
};

struct cfi_cie {
    uint64_t va;
    uint64_t code_align;
    int64_t data_align;
    uint64_t return_column;
    struct slice instructions;
    uint8_t pointer_encoding, lsda_encoding;
    bool has_data; // augmentation 'z'
    bool is_signal;
    bool has_key_b; // AArch64: return addresses are signed with the other key
};

struct cfi_fde {
    struct cfi_cie cie;
    uint64_t va, len, lsda_va; // of the code
    struct slice instructions;
};

// One entry of .eh_frame, CIE or FDE.
struct cfi_entry {
    uint64_t va, next_va;
    uint64_t cie_va;    // of an FDE; 0: it is a CIE itself
    struct reader body; // behind the id
    uint64_t body_va;   // address of body.data.p
};

// cfi.c

// The entry at `va`; false at the end or where it is damaged.
bool cfi_read_entry(const struct image *image, uint64_t va,
                    struct cfi_entry *entry);
bool cfi_read_cie(const struct image *image, uint64_t va, struct cfi_cie *cie);
bool cfi_read_fde(const struct image *image, const struct cfi_entry *entry,
                  const struct cfi_cie *cie, struct cfi_fde *fde);
// A pointer in one of the encodings of .eh_frame; `va` is that of the first
// byte of the reader's data.
uint64_t cfi_read_pointer(const struct image *image, struct reader *in,
                          uint64_t va, uint8_t encoding);

// cfi_run.c

// Whether the instructions hold up to `va`; `initial` are the CIE's rules.
bool cfi_run(const struct image *image, const struct cfi_fde *fde, uint64_t va,
             struct cfi_rules *rules, struct cfi_rules *initial);
// An expression that comes to a register plus a constant, the pc being `pc`.
bool cfi_evaluate(struct slice expression, const struct cfi_cie *cie,
                  const struct arch *arch, uint64_t pc, uint16_t *reg,
                  int64_t *value);

// frames.c

#endif
