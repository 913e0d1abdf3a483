// pool.c: constants among generated code.
//
// Where instructions hold no address, compilers load it from memory close by,
// which they put behind a function, or between two jumps in a long one. Mapping
// symbols tell it from code. What stands at the end becomes the stencil's pool,
// for the rewriter to put where it likes:
//
//     ldr  r0, word          code of the stencil
//     add  r0, pc
//       ...
//     b    mct_next          which can go, now that it is the last instruction
//     nop
//     word: .long ...        its pool
//
// Constants elsewhere stay there, and all of the stencil as it was aligned; so
// do all if a load would not reach much farther than it does.

#include "codegen/unit.h"

#include <string.h>

// What may come between a stencil and its pool if that is put elsewhere.
enum { POOL_ALIGN = 4, POOL_BEHIND = 512 };

uint32_t pool_data_len(const struct section_piece *piece, uint64_t start,
                       uint64_t len, uint32_t off) {
    uint64_t at = start + off, end = start + len;
    bool is_data = false;
    for (size_t i = 0; i < piece->mark_count; i++) {
        const struct unit_mark *mark = &piece->marks[i];
        if (mark->off > at) {
            end = mark->off < end ? mark->off : end;
            break;
        }
        is_data = mark->is_data;
    }
    return is_data ? (uint32_t)(end - at) : 0;
}

static bool may_part(const struct arch *arch, struct slice code,
                     const struct literal_load *loads, size_t count) {
    for (size_t i = 0; i < count; i++) {
        uint8_t copy[16] = {0};
        size_t len = code.n - loads[i].off;
        memcpy(copy, code.p + loads[i].off,
               len < sizeof copy ? len : sizeof copy);
        if (!arch->aim_load(copy, loads[i].off,
                            loads[i].word_off + POOL_BEHIND))
            return false;
    }
    return true;
}

void pool_cut(struct arena *arena, const struct arch *arch,
              const struct section_piece *piece, uint64_t start,
              struct slice *code, struct stencil *stencil) {
    struct literal_load *loads = NULL;
    size_t load_room = 0, load_count = 0;
    uint32_t end = 0, off = 0, data = 0;
    struct insn insn;
    bool goes_on = true; // to what follows, which then is no filler
    stencil->alignment = arch->insn_align;
    for (; off < code->n; off += insn.len) {
        data = pool_data_len(piece, start, code->n, off);
        if (data > 0)
            break;
        struct code at = {{code->p + off, code->n - off}, off, arch->mode};
        if (!arch->decode(&at, &insn))
            return;
        if (goes_on || !(insn.flags & INSN_PADDING))
            end = off + insn.len;
        goes_on = insn.kind != INSN_JUMP && insn.kind != INSN_RETURN;
        if (insn.pc_value != 0)
            *ARENA_PUSH(arena, loads, load_count, load_room) =
                (struct literal_load){off, (uint32_t)insn.pc_value};
    }
    if (data == 0)
        return;
    if (off + data < code->n || arch->aim_load == NULL ||
        !may_part(arch, *code, loads, load_count)) {
        stencil->alignment = POOL_ALIGN;
        return;
    }
    for (size_t i = 0; i < load_count; i++)
        loads[i].word_off -= off;
    stencil->pool = (struct slice){code->p + off, data};
    stencil->pool_off = off;
    stencil->loads = loads;
    stencil->load_count = (uint32_t)load_count;
    code->n = end;
}

void pool_part_points(struct stencil *stencil, const struct patch_point *points,
                      size_t count) {
    size_t kept = count;
    while (stencil->pool.n > 0 && kept > 0 &&
           points[kept - 1].off >= stencil->pool_off)
        kept--;
    stencil->points = points;
    stencil->point_count = (uint32_t)kept;
    stencil->pool_points = points + kept;
    stencil->pool_point_count = (uint32_t)(count - kept);
}
