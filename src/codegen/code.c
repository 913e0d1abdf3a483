// code.c: what generated code does, seen from its instructions.
//
// No back-end is asked what its code clobbers: it is decoded, all of it, so
// that the answer holds whoever made it. How low the stack pointer is at an
// instruction is carried along every way through the code; all ways must agree
// on it.

#include <inttypes.h>
#include <stdlib.h>

#include "codegen/unit.h"

// An instruction, and how low sp is before it.
struct step {
    uint32_t off, len, below;
    bool is_known;
    struct insn insn;
};

struct scan {
    const struct code_reader *reader;
    struct code_facts *facts;
    struct step *steps;
    size_t count, room;
};

static bool refuse(const struct scan *scan, const struct insn *insn,
                   const char *why) {
    char text[64];
    size_t n = 0;
    for (unsigned i = 0; i < insn->len && n + 4 < sizeof text; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, " %02x",
                              insn->bytes ? insn->bytes[i] : 0);
    diag_error_at(scan->reader->diag, R_CODEGEN, NULL,
                  "generated code at 0x%" PRIx64 " (%s ): %s", insn->va, text,
                  why);
    return false;
}

static bool is_call(const struct insn *insn) {
    return insn->kind == INSN_CALL || insn->kind == INSN_CALL_INDIRECT;
}

static bool flows_on(const struct insn *insn) {
    return insn->kind != INSN_JUMP && insn->kind != INSN_RETURN &&
           insn->kind != INSN_STOP && insn->kind != INSN_JUMP_INDIRECT;
}

static bool take_registers(struct scan *scan, const struct step *step) {
    const struct code_reader *reader = scan->reader;
    const struct abi *abi = &reader->arch->abi;
    const struct insn *insn = &step->insn;
    regset clobbers = insn->clobbers;
    if (is_call(insn))
        clobbers = reader->call_clobbers(reader->state, step->off, step->len);
    // A jump out of the stencil is near; see struct reloc_row.
    if (insn->kind == INSN_JUMP &&
        reader->is_relocated(reader->state, step->off, step->len))
        clobbers = 0;
    regset allowed = abi->general | REG_BIT(abi->sp) | abi->flag_parts |
                     abi->caller_saved | abi->reservation;
    if (abi->flags != REG_NONE)
        allowed |= REG_BIT(abi->flags);
    if (clobbers & ~allowed)
        return refuse(scan, insn, "uses more than general registers");
    scan->facts->clobbers |= clobbers;
    return true;
}

static bool take_insn(struct scan *scan, struct slice code, uint32_t off) {
    const struct code_reader *reader = scan->reader;
    struct code_facts *facts = scan->facts;
    struct step *step =
        ARENA_PUSH(reader->arena, scan->steps, scan->count, scan->room);
    struct code at = {{code.p + off, code.n - off}, off, reader->arch->mode};
    step->off = off;
    bool decoded = reader->arch->decode(&at, &step->insn);
    step->len = step->insn.len;
    if (!decoded || step->insn.kind == INSN_UNKNOWN)
        return refuse(scan, &step->insn, "is no instruction");
    int lock =
        reader->arch->lock_prefix ? reader->arch->lock_prefix(&step->insn) : -1;
    if (lock >= 0)
        *ARENA_PUSH(reader->arena, facts->locks, facts->lock_count,
                    facts->lock_room) = off + (uint32_t)lock;
    facts->last_off = off;
    facts->ends_in_jump = step->insn.kind == INSN_JUMP;
    facts->insn_count++;
    facts->call_count += is_call(&step->insn);
    return take_registers(scan, step);
}

// --- the stack ---

static int by_offset(const void *key, const void *item) {
    uint64_t off = *(const uint64_t *)key;
    const struct step *step = item;
    return (off > step->off) - (off < step->off);
}

// Leads on to the step at `off`. False: it was met with another depth.
static bool reach(struct scan *scan, uint64_t off, uint32_t below,
                  bool *changed) {
    struct step *step =
        bsearch(&off, scan->steps, scan->count, sizeof *step, by_offset);
    if (!step) // out of the stencil, to whatever follows it
        return below == 0;
    if (step->is_known)
        return step->below == below;
    step->is_known = true;
    step->below = below;
    *changed = true;
    return true;
}

static bool follow(struct scan *scan, const struct step *step, bool *changed) {
    const struct abi *abi = &scan->reader->arch->abi;
    const struct insn *insn = &step->insn;
    bool moves_sp = (insn->clobbers & REG_BIT(abi->sp)) != 0 && !is_call(insn);
    int64_t below = (int64_t)step->below - insn->sp_delta;
    bool fine = below >= 0 && (!moves_sp || insn->sp_delta != 0);
    if (fine && flows_on(insn))
        fine = reach(scan, step->off + step->len, (uint32_t)below, changed);
    bool is_branch = insn->kind == INSN_JUMP || insn->kind == INSN_JUMP_COND;
    if (fine && is_branch &&
        !scan->reader->is_relocated(scan->reader->state, step->off, step->len))
        fine = reach(scan, insn->target, (uint32_t)below, changed);
    return fine || refuse(scan, insn,
                          "moves the stack pointer in a way that cannot be "
                          "followed");
}

static bool follow_stack(struct scan *scan) {
    bool changed = false;
    if (scan->count)
        reach(scan, scan->steps[0].off, 0, &changed);
    while (changed) {
        changed = false;
        for (size_t i = 0; i < scan->count; i++)
            if (scan->steps[i].is_known &&
                !follow(scan, &scan->steps[i], &changed))
                return false;
    }
    return true;
}

static void write_rows(struct scan *scan) {
    struct code_facts *facts = scan->facts;
    const struct arch *arch = scan->reader->arch;
    uint32_t before = 0;
    uint32_t word = arch->abi.link == REG_NONE ? arch->bits / 8u : 0;
    for (size_t i = 0; i < scan->count; i++) {
        const struct step *step = &scan->steps[i];
        if (!step->is_known)
            continue;
        uint32_t deepest = step->below + (is_call(&step->insn) ? word : 0);
        if (deepest > facts->stack_len)
            facts->stack_len = deepest;
        if (step->below != before)
            *ARENA_PUSH(scan->reader->arena, facts->rows, facts->row_count,
                        facts->row_room) =
                (struct stack_row){step->off, step->below};
        before = step->below;
    }
}

bool code_read(const struct code_reader *reader, struct slice code,
               struct code_facts *facts) {
    *facts = (struct code_facts){0};
    struct scan scan = {.reader = reader, .facts = facts};
    for (uint32_t off = 0; off < code.n;) {
        off += reader->data_len(reader->state, off);
        if (off >= code.n) {
            facts->ends_in_jump = false;
            break;
        }
        if (!take_insn(&scan, code, off))
            return false;
        off += scan.steps[scan.count - 1].len;
    }
    if (!follow_stack(&scan))
        return false;
    write_rows(&scan);
    return true;
}
