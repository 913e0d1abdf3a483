// code.c: what generated code does, seen from its instructions.
//
// No back-end is asked what its code clobbers: it is decoded, all of it, so
// that the answer holds whoever made it. The code is taken in the order of its
// addresses; how low sp is at an instruction is known from the one before or,
// behind an unconditional jump, from a branch that led there.

#include <inttypes.h>

#include "codegen/unit.h"

struct scan {
    const struct code_reader *reader;
    struct code_facts *facts;
    uint32_t *below_at; // by offset, of branch targets ahead; + 1, 0: none
    uint32_t len, below;
    bool flows; // the instruction before goes on to this one
};

static bool refuse(const struct code_reader *reader, const struct insn *insn,
                   const char *why) {
    char text[64];
    size_t n = 0;
    for (unsigned i = 0; i < insn->len && n + 4 < sizeof text; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%02x ",
                              insn->bytes ? insn->bytes[i] : 0);
    diag_error_at(reader->diag, R_CODEGEN, NULL,
                  "generated code at 0x%" PRIx64 " (%s): %s", insn->va,
                  n ? text : "?", why);
    return false;
}

static void note_depth(struct scan *scan, uint32_t off, uint32_t below) {
    if (below > scan->facts->stack_len)
        scan->facts->stack_len = below;
    struct code_facts *facts = scan->facts;
    uint32_t before =
        facts->row_count ? facts->rows[facts->row_count - 1].below : 0;
    if (before != below)
        *ARENA_PUSH(scan->reader->arena, facts->rows, facts->row_count,
                    facts->row_room) = (struct stack_row){off, below};
}

static void take_branch(struct scan *scan, uint32_t off,
                        const struct insn *insn) {
    bool is_branch = insn->kind == INSN_JUMP || insn->kind == INSN_JUMP_COND;
    if (is_branch && insn->target > off && insn->target < scan->len)
        scan->below_at[insn->target] = scan->below + 1;
}

// How low sp is behind the instruction.
static bool take_stack(struct scan *scan, uint32_t off,
                       const struct insn *insn) {
    const struct arch *arch = scan->reader->arch;
    uint32_t word = arch->bits / 8u;
    if (insn->kind == INSN_CALL || insn->kind == INSN_CALL_INDIRECT) {
        uint32_t deepest = scan->below + word;
        if (deepest > scan->facts->stack_len)
            scan->facts->stack_len = deepest;
        return true;
    }
    if (!(insn->clobbers & REG_BIT(arch->abi.sp)))
        return true;
    int64_t below = (int64_t)scan->below - insn->sp_delta;
    if (insn->sp_delta == 0 || below < 0)
        return refuse(scan->reader, insn,
                      "moves the stack pointer in a way that cannot be "
                      "followed");
    scan->below = (uint32_t)below;
    note_depth(scan, off + insn->len, scan->below);
    return true;
}

static bool take_registers(struct scan *scan, uint32_t off,
                           const struct insn *insn) {
    const struct code_reader *reader = scan->reader;
    const struct abi *abi = &reader->arch->abi;
    regset clobbers = insn->clobbers;
    if (insn->kind == INSN_CALL)
        clobbers = reader->call_clobbers(reader->state, off, insn->len);
    regset allowed = abi->general | REG_BIT(abi->sp);
    if (abi->flags != REG_NONE)
        allowed |= REG_BIT(abi->flags);
    if (clobbers & ~allowed)
        return refuse(reader, insn, "uses more than general registers");
    scan->facts->clobbers |= clobbers;
    return true;
}

static bool take_insn(struct scan *scan, uint32_t off,
                      const struct insn *insn) {
    struct code_facts *facts = scan->facts;
    if (scan->below_at[off])
        scan->below = scan->below_at[off] - 1;
    if (!scan->flows)
        note_depth(scan, off, scan->below);
    int lock = scan->reader->arch->lock_prefix(insn);
    if (lock >= 0)
        *ARENA_PUSH(scan->reader->arena, facts->locks, facts->lock_count,
                    facts->lock_room) = off + (uint32_t)lock;
    if (!take_registers(scan, off, insn) || !take_stack(scan, off, insn))
        return false;
    take_branch(scan, off, insn);
    scan->flows = insn->kind != INSN_JUMP && insn->kind != INSN_RETURN &&
                  insn->kind != INSN_STOP && insn->kind != INSN_JUMP_INDIRECT;
    facts->last_off = off;
    facts->ends_in_jump = insn->kind == INSN_JUMP;
    facts->insn_count++;
    return true;
}

bool code_read(const struct code_reader *reader, struct slice code,
               struct code_facts *facts) {
    *facts = (struct code_facts){0};
    struct scan scan = {.reader = reader, .facts = facts, .flows = true};
    scan.len = (uint32_t)code.n;
    scan.below_at = ARENA_ARRAY(reader->arena, uint32_t, code.n + 1);
    struct insn insn;
    for (uint32_t off = 0; off < code.n; off += insn.len) {
        struct code at = {{code.p + off, code.n - off}, off, 0};
        if (!reader->arch->decode(&at, &insn) || insn.kind == INSN_UNKNOWN)
            return refuse(reader, &insn, "is no instruction");
        if (!take_insn(&scan, off, &insn))
            return false;
    }
    return true;
}
