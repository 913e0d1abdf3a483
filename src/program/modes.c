// modes.c: in which encoding code is, where a machine has several.
//
// The image tells it of addresses that say so themselves: entry points,
// pointers to functions, symbols. A branch stays in its encoding or changes to
// the other, so what is known of one place tells of the places it leads to.
// Where mapping symbols tell of all code nothing need be found out. Constants
// stand behind the code that loads them, and end it.

#include "program/bits.h"

#include <stdlib.h>
#include <string.h>

// A straight line is followed so far; branches begin lines of their own.
#define MODES_STEPS 4096

static int compare_modes(const void *a, const void *b) {
    const struct code_mode *x = a, *y = b;
    return x->va < y->va ? -1 : x->va > y->va;
}

static bool is_code(const struct image *image, uint64_t va) {
    for (size_t i = 0; i < image->code_count; i++) {
        if (va - image->code[i].va < image->code[i].file_len) {
            return true;
        }
    }
    return false;
}

static void note(struct program *program, struct map *known, size_t *room,
                 struct code_mode mode) {
    struct program_bits *bits = program->bits;
    if (!is_code(program->image, mode.va) || map_get_number(known, mode.va)) {
        return;
    }
    map_put_number(known, mode.va, bits);
    *ARENA_PUSH(program->arena, bits->modes, bits->mode_count, *room) = mode;
}

// Notes where the code at `from` leads to.
static void follow(struct program *program, struct map *known, size_t *room,
                   struct code_mode from) {
    struct insn insn;
    uint64_t va = from.va, constants_va = UINT64_MAX;
    for (int i = 0; i < MODES_STEPS && is_code(program->image, va); i++) {
        struct code code = {image_bytes(program->image, va), va, from.mode};
        if (va >= constants_va || (i > 0 && map_get_number(known, va)) ||
            !program->arch->decode(&code, &insn)) {
            return;
        }
        if (insn.pc_value > va && insn.pc_value < constants_va &&
            !(insn.flags & INSN_TAKES_ADDRESS)) {
            constants_va = insn.pc_value;
        }
        if (insn.target != 0) {
            bool switches = insn.flags & INSN_SWITCHES;
            note(program, known, room,
                 (struct code_mode){.va = insn.target,
                                    .mode = from.mode ^ switches});
        }
        if (insn.kind != INSN_PLAIN && insn.kind != INSN_JUMP_COND &&
            insn.kind != INSN_CALL && insn.kind != INSN_CALL_INDIRECT &&
            insn.kind != INSN_RETURN_COND && insn.kind != INSN_SYSCALL) {
            return;
        }
        va += insn.len;
    }
}

void modes_find(struct program *program) {
    const struct image *image = program->image;
    struct program_bits *bits = program->bits;
    size_t room = 0;
    struct map known;
    map_init(&known, program->arena);
    for (size_t i = 0; i < image->mode_count; i++) {
        note(program, &known, &room, image->modes[i]);
    }
    if (!program->arch->modes || bits->is_mapped) {
        return;
    }
    for (size_t i = 0; i < bits->mode_count; i++) {
        follow(program, &known, &room, bits->modes[i]);
    }
    if (bits->mode_count > 0) {
        qsort(bits->modes, bits->mode_count, sizeof *bits->modes,
              compare_modes);
    }
}
