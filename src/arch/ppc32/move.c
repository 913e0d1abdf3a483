// move.c: an instruction to another place.
//
// Most instructions do the same everywhere and are copied. The others:
//
//   b, bl         a new displacement
//   bc            reaches 32 KB, so a long branch is added, which the
//                 inverted condition skips
//                     bne  over;  b target;  over:
//                 one that counts CTR down and tests CR is not so easily
//                 inverted
//                     bdnzt 2, taken;  b over;  taken: b target;  over:
//   bcl 20,31,.+4 what it would have left in LR

#include "arch/ppc32/ppc32.h"

#define B     "010010iiiiiiiiiiiiiiiiiiiiiiii00"
#define BL    "010010iiiiiiiiiiiiiiiiiiiiiiii01"
#define BC    "010000kkkkkyyyyyiiiiiiiiiiiiii00"
#define BCTR  "01001110100000000000010000100000"
#define BCTRL "01001110100yyyyy...hh10000100001"

static bool put_branch(const char *pattern, uint64_t from, uint64_t to,
                       struct bytes *out) {
    // Addresses wrap round at 32 bits.
    int32_t off = (int32_t)(uint32_t)(to - from);
    if (off % INSN_LEN != 0 || !bitpat_fits(pattern, 'i', off / INSN_LEN))
        return false;
    ppc_put(out, pattern, FIELDS({'i', (uint32_t)(off / INSN_LEN)}));
    return true;
}

static bool move_conditional(const struct insn *insn, uint32_t word,
                             uint64_t to_va, struct bytes *out) {
    enum { TEST_INVERTED = 8, COUNT_INVERTED = 2, PREDICTION_OF_TEST = 3 };
    const char *text = ppc_row(word)->pattern.text;
    uint32_t bo = bitpat_field(text, 'k', word);
    uint32_t bi = bitpat_field(text, 'y', word);
    bool both = bo_counts(bo) && bo_tests(bo);
    uint32_t words_before = both ? 2 : 1;
    int32_t off = (int32_t)(uint32_t)(insn->target - to_va);
    if (!bitpat_fits(B, 'i', off / INSN_LEN - (int32_t)words_before))
        return false;
    if (both) {
        ppc_put(out, BC, FIELDS({'k', bo}, {'y', bi}, {'i', 2}));
        ppc_put(out, B, FIELDS({'i', 2}));
    } else {
        // What predicts would predict the opposite now.
        bo = bo_counts(bo)
                 ? (bo ^ COUNT_INVERTED) & 0x12
                 : (bo ^ TEST_INVERTED) & ~(uint32_t)PREDICTION_OF_TEST;
        ppc_put(out, BC, FIELDS({'k', bo}, {'y', bi}, {'i', 2}));
    }
    return put_branch(B, to_va + (uint64_t)words_before * INSN_LEN,
                      insn->target, out);
}

bool ppc_move(const struct insn *insn, uint64_t to_va, int32_t sp_bias,
              struct bytes *out) {
    uint32_t word = (uint32_t)load_uint(insn->bytes, INSN_LEN, ORDER_BIG);
    if (insn->kind == INSN_UNKNOWN || (insn->flags & INSN_IMMOVABLE))
        return false;
    if (sp_bias && (insn->flags & INSN_USES_SP))
        return false;
    if (insn->flags & INSN_TAKES_ADDRESS)
        return ppc_set_link(to_va, insn->pc_value, out);
    switch (insn->kind) {
    case INSN_JUMP: return put_branch(B, to_va, insn->target, out);
    case INSN_CALL: return put_branch(BL, to_va, insn->target, out);
    case INSN_JUMP_COND: return move_conditional(insn, word, to_va, out);
    default: break;
    }
    bytes_add(out, insn->bytes, INSN_LEN);
    return true;
}

// blr becomes b, and its conditional kin bc.
bool ppc_return_to_jump(const struct insn *insn, uint64_t to,
                        struct bytes *out) {
    uint32_t word = (uint32_t)load_uint(insn->bytes, INSN_LEN, ORDER_BIG);
    const char *text = ppc_row(word)->pattern.text;
    int32_t off = (int32_t)(uint32_t)(to - insn->va);
    if (insn->kind == INSN_RETURN)
        return put_branch(B, insn->va, to, out);
    if (!bitpat_fits(BC, 'i', off / INSN_LEN))
        return false;
    ppc_put(out, BC,
            FIELDS({'k', bitpat_field(text, 'k', word)},
                   {'y', bitpat_field(text, 'y', word)},
                   {'i', (uint32_t)(off / INSN_LEN)}));
    return true;
}

// bctrl becomes bctr. What goes through LR cannot: it holds the return address
// by then.
bool ppc_call_to_jump(const struct insn *insn, uint64_t to_va, int32_t sp_bias,
                      struct bytes *out) {
    static const struct bitpat bctrl = BITPAT32(BCTRL);
    (void)to_va;
    uint32_t word = (uint32_t)load_uint(insn->bytes, INSN_LEN, ORDER_BIG);
    if (sp_bias || insn->kind != INSN_CALL_INDIRECT ||
        (insn->flags & INSN_IMMOVABLE) || !bitpat_matches(&bctrl, word))
        return false;
    ppc_put(out, BCTR, (struct bitfields){0});
    return true;
}
