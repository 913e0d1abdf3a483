// move.c: an instruction to another place.
//
// Most instructions do the same everywhere and are copied. The others become
//
//     b, bl               the same with a new distance
//     b.cond, cbz, tbz    the opposite over a b, which reaches far:
//                             b.ne  over;  b  target;  over:
//     adrp                the same with a new distance
//     adr                 adrp and add
//     ldr of a literal    adrp, add and ldr through the register it loads; of
//                         a vector through x16, which is put aside meanwhile
//     prfm of a literal   nothing: it is a hint
//
// The length of each depends on the instruction and what it refers to, never on
// where it goes.
//
// With a bias, sp is lower than the instruction expects. Accesses at a constant
// distance from it, copies of it and steps of it can be told so.

#include <string.h>

#include "arch/aarch64/aarch64.h"

static bool move_branch(const struct insn *insn, const struct bitrow *row,
                        uint32_t word, uint64_t to_va, struct bytes *out) {
    int64_t distance = (int64_t)(insn->target - to_va) / INSN_LEN;
    if (!bitpat_fits(row->pattern.text, 'i', distance))
        return false;
    bytes_u32(out,
              bitpat_set(row->pattern.text, 'i', (uint32_t)distance, word));
    return true;
}

// The condition's opposite differs in one bit: the lowest of a condition, the
// one that tells cbz from cbnz and tbz from tbnz. There is no opposite of
// "always".
static bool move_conditional(const struct insn *insn, const struct bitrow *row,
                             uint32_t word, uint64_t to_va, struct bytes *out) {
    enum { ALWAYS = 14 };
    const char jump[] = "000101iiiiiiiiiiiiiiiiiiiiiiiiii";
    const char *text = row->pattern.text;
    bool always = false;
    if (row->form == FORM_CONDITION) {
        uint32_t condition = a64_field(row, 'c', word);
        always = condition >= ALWAYS;
        word = bitpat_set(text, 'c', condition ^ 1, word);
    } else {
        word = bitpat_set(text, 'o', !a64_field(row, 'o', word), word);
    }
    uint64_t jump_va = to_va + (always ? 0 : INSN_LEN);
    int64_t distance = (int64_t)(insn->target - jump_va) / INSN_LEN;
    if (!bitpat_fits(jump, 'i', distance))
        return false;
    if (!always)
        bytes_u32(out, bitpat_set(text, 'i', 2, word));
    a64_put(out, jump, FIELDS({'i', (uint32_t)distance}));
    return true;
}

// adrp alone for a page, or for what nobody looks at.
static bool move_address(const struct insn *insn, const struct bitrow *row,
                         uint32_t word, uint64_t to_va, struct bytes *out) {
    uint8_t d = (uint8_t)a64_field(row, 'd', word);
    size_t from = out->n;
    if (d == SP) {
        a64_nop(out);
        return true;
    }
    if (!a64_address(d, to_va, insn->pc_value, out))
        return false;
    if (row->form == FORM_ADRP)
        out->n = from + INSN_LEN;
    return true;
}

static bool move_literal(const struct insn *insn, const struct bitrow *row,
                         uint32_t word, uint64_t to_va, struct bytes *out) {
    // ldr w, ldr x, ldrsw
    static const char *const loads[] = {"1011100101000000000000nnnnnttttt",
                                        "1111100101000000000000nnnnnttttt",
                                        "1011100110000000000000nnnnnttttt"};
    uint8_t t = (uint8_t)a64_field(row, 't', word);
    if (t == SP || !a64_address(t, to_va, insn->pc_value, out))
        return false;
    a64_put(out, loads[a64_field(row, 'o', word)], FIELDS({'n', t}, {'t', t}));
    return true;
}

static bool move_vector_literal(const struct insn *insn,
                                const struct bitrow *row, uint32_t word,
                                uint64_t to_va, struct bytes *out) {
    // ldr s, ldr d, ldr q
    static const char *const loads[] = {"1011110101000000000000nnnnnttttt",
                                        "1111110101000000000000nnnnnttttt",
                                        "0011110111000000000000nnnnnttttt"};
    uint32_t size = a64_field(row, 'o', word);
    size_t from = out->n;
    if (size >= COUNT_OF(loads))
        return false;
    a64_put(out, "11111000000iiiiiiiii11nnnnnttttt",
            FIELDS({'i', (uint32_t)-16}, {'n', SP}, {'t', X16}));
    if (!a64_address(X16, to_va + INSN_LEN, insn->pc_value, out)) {
        out->n = from;
        return false;
    }
    a64_put(out, loads[size],
            FIELDS({'n', X16}, {'t', a64_field(row, 't', word)}));
    a64_put(out, "11111000010iiiiiiiii01nnnnnttttt",
            FIELDS({'i', 16}, {'n', SP}, {'t', X16}));
    return true;
}

// --- with a bias ----------------------------------------------------------

// An access at a constant distance from sp, that many bytes further up. Other
// forms of the same access are not tried.
static bool raise_access(const struct bitrow *row, uint32_t word, int32_t bias,
                         struct bytes *out) {
    const char *text = row->pattern.text;
    int64_t unit = (int64_t)a64_unit(row, word);
    int64_t off = (int64_t)a64_displacement(row, word) + bias;
    bool is_unsigned = row->form == FORM_LOAD || row->form == FORM_STORE;
    if (a64_field(row, 'N', word) != SP || off % unit)
        return false;
    off /= unit;
    if (is_unsigned ? off < 0 || off > 4095 : !bitpat_fits(text, 'i', off))
        return false;
    bytes_u32(out, bitpat_set(text, 'i', (uint32_t)off, word));
    return true;
}

// The address of something at a constant distance from sp.
static bool raise_address(const struct bitrow *row, uint32_t word, int32_t bias,
                          struct bytes *out) {
    int32_t off = (int32_t)a64_addend(row, word);
    bool is_wide = a64_field(row, 'w', word);
    if (!is_wide || a64_field(row, 'N', word) != SP)
        return false;
    a64_load_address((uint8_t)a64_field(row, 'D', word), SP,
                     (row->form == FORM_ADD ? off : -off) + bias, out);
    return true;
}

static bool move_biased(const struct insn *insn, const struct bitrow *row,
                        uint32_t word, int32_t bias, struct bytes *out) {
    bool moves_sp = insn->clobbers & REG_BIT(SP);
    switch (row->form) {
    case FORM_ADD:
    case FORM_SUB:
        if (moves_sp) {
            if (insn->sp_delta == 0)
                return false;
            bytes_u32(out, word);
            return true;
        }
        return raise_address(row, word, bias, out);
    case FORM_LOAD:
    case FORM_STORE:
    case FORM_NEAR:
    case FORM_PAIR: return raise_access(row, word, bias, out);
    default: return false;
    }
}

// --------------------------------------------------------------------------

bool a64_move(const struct insn *insn, uint64_t to_va, int32_t sp_bias,
              struct bytes *out) {
    if (insn->kind == INSN_UNKNOWN || (insn->flags & INSN_IMMOVABLE))
        return false;
    uint32_t word = a64_word(insn);
    const struct bitrow *row = a64_find(word);
    if (sp_bias && (insn->flags & INSN_USES_SP) && insn->kind == INSN_PLAIN)
        return move_biased(insn, row, word, sp_bias, out);
    switch (row->form) {
    case FORM_JUMP:
    case FORM_CALL: return move_branch(insn, row, word, to_va, out);
    case FORM_CONDITION:
    case FORM_ZERO:
    case FORM_BIT: return move_conditional(insn, row, word, to_va, out);
    case FORM_ADR:
    case FORM_ADRP: return move_address(insn, row, word, to_va, out);
    case FORM_LITERAL: return move_literal(insn, row, word, to_va, out);
    case FORM_LITERAL_VECTOR:
        return move_vector_literal(insn, row, word, to_va, out);
    case FORM_LITERAL_HINT: a64_nop(out); return true;
    default: bytes_u32(out, word); return true;
    }
}

// blr becomes br, blraa becomes braa. Where branches must meet landing pads,
// those of calls are met by way of x16 and x17 only, which a call may change in
// any case:
//
//     mov  x16, x3
//     br   x16
bool a64_call_to_jump(const struct insn *insn, uint64_t to_va, int32_t sp_bias,
                      struct bytes *out) {
    enum { LINKS = 1 << 21 };
    (void)to_va;
    if (insn->kind != INSN_CALL_INDIRECT || sp_bias)
        return false;
    uint32_t word = a64_word(insn) & ~(uint32_t)LINKS;
    const struct bitrow *row = a64_find(word);
    const char *text = row->pattern.text;
    uint32_t n = a64_field(row, 'n', word), m = a64_field(row, 'M', word);
    if (n == LINK || m == LINK)
        return false; // the call that led here has overwritten it
    if (n != X16 && n != X17 && n != SP) {
        uint32_t by = m == X16 ? X17 : X16;
        a64_put(out, "10101010000mmmmm00000011111ddddd",
                FIELDS({'m', n}, {'d', by}));
        word = bitpat_set(text, 'n', by, word);
    }
    bytes_u32(out, word);
    return true;
}

// Where a row's letters name all registers that the instruction uses, they are
// the places to change.
bool a64_rename(const struct insn *insn, const uint8_t *map, uint8_t *code) {
    uint32_t word = a64_word(insn);
    const struct bitrow *row = a64_find(word);
    if (!row || row->form == FORM_PAIRS || strpbrk(row->reads, "LSPQ#") ||
        strpbrk(row->writes, "LSPQ#"))
        return false;
    uint8_t whole[SP + 1];
    memcpy(whole, map, SP);
    whole[SP] = SP; // or the zero register
    word = bitpat_map(row->pattern.text, "dnmastuDNMT", whole, word);
    store_uint(code, word, INSN_LEN, ORDER_LITTLE);
    return true;
}
