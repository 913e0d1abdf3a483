// parts.c: functions in several pieces.
//
// Compilers move what is rarely run out of a function into a fragment of its
// own, with a frame description and, unless stripped, a symbol of its own
// ("parse.cold"). Such a part is entered by jumps, and by exceptions, never by
// a call. Known by its name, or, without a name, by the frame that is already
// there at its first instruction, or by a conditional jump into it from the
// one function that ever jumps there.

#include "program/bits.h"

#include <stdlib.h>

// The name of the function that a part's name says it belongs to; empty: the
// name is not that of a part.
static struct str parent_name(struct str name) {
    static const char *const marks[] = {".cold", ".__part."};
    for (size_t i = name.n; i-- > 1;) {
        for (size_t k = 0; k < COUNT_OF(marks); k++) {
            struct str mark = str_from(marks[k]);
            struct str rest = str_slice(name, i, name.n);
            if (!str_starts_with(rest, mark)) {
                continue;
            }
            bool ends = rest.n == mark.n || rest.p[mark.n] == '.' ||
                        mark.p[mark.n - 1] == '.';
            if (ends) {
                return str_slice(name, 0, i);
            }
        }
    }
    return (struct str){0};
}

struct entrance {
    const struct function *from; // NULL: nobody jumps there
    bool several;                // more than one function does
    bool conditional;
};

// Who jumps into [part->va, end) from outside.
static struct entrance part_entrance(const struct program *program,
                                     const struct function *part) {
    struct entrance entrance = {0};
    size_t none;
    const struct branch *branch = program_branches_to(program, part->va, &none);
    const struct branch *end = program->branches + program->branch_count;
    for (; branch && branch < end && branch->target - part->va < part->len;
         branch++) {
        const struct function *from = program_function_at(program, branch->va);
        if (!from || from == part) {
            continue;
        }
        struct insn_brief insn;
        if (code_brief(program, branch->va, &insn) &&
            insn.kind == INSN_JUMP_COND) {
            entrance.conditional = true;
        }
        // A part may be entered from another part of the same function.
        bool better = !entrance.from || (entrance.from->flags & FUNCTION_PART);
        if (entrance.from && entrance.from != from) {
            entrance.several = true;
        }
        entrance.from = better ? from : entrance.from;
    }
    return entrance;
}

bool parts_is_taken(const struct program *program, uint64_t va) {
    struct insn_brief insn;
    uint64_t before_va = code_previous(program, va);
    bool after_call =
        before_va != 0 && code_brief(program, before_va, &insn) &&
        (insn.kind == INSN_CALL || insn.kind == INSN_CALL_INDIRECT);
    uint32_t index = code_index(program->bits, va);
    return !after_call && bit_get(program->bits->other, index);
}

static bool is_part(const struct program *program,
                    const struct function *function,
                    const struct entrance *entrance) {
    size_t calls;
    program_calls_to(program, function->va, &calls);
    if (calls > 0 || (function->flags & FUNCTION_PLT)) {
        return false;
    }
    if (parent_name(function->name).n > 0) {
        return true;
    }
    if (!(function->flags & FUNCTION_NAMELESS)) {
        return false;
    }
    struct frame_state frame = image_frame_at(program->image, function->va);
    if (!frame.known) {
        return false;
    }
    if (!frame.at_entry) {
        return true;
    }
    return entrance->from && !entrance->several && entrance->conditional &&
           !parts_is_taken(program, function->va);
}

static const struct function *root_of(const struct function *function) {
    // A chain of parts; the count guards against a ring of jumps.
    for (unsigned i = 0; i < 8 && function->parent; i++) {
        function = function->parent;
    }
    return function;
}

static int compare_parts(const void *a, const void *b) {
    const struct function *x = *(const struct function *const *)a;
    const struct function *y = *(const struct function *const *)b;
    if (x->parent != y->parent) {
        return x->parent < y->parent ? -1 : 1;
    }
    return x->va < y->va ? -1 : x->va > y->va;
}

void parts_find(struct program *program) {
    struct program_bits *bits = program->bits;
    size_t room = 0;
    for (size_t i = 0; i < program->function_count; i++) {
        struct function *function = &program->functions[i];
        bool named = !(function->flags & FUNCTION_NAMELESS);
        struct str name = named ? parent_name(function->name) : (struct str){0};
        if (named && name.n == 0) {
            continue;
        }
        struct entrance entrance = part_entrance(program, function);
        if (!is_part(program, function, &entrance)) {
            continue;
        }
        function->flags |= FUNCTION_PART;
        function->parent = entrance.from;
        if (!function->parent && named) {
            function->parent = program_find_function(program, name);
        }
        if (function->parent == function) {
            function->parent = NULL;
        }
        *ARENA_PUSH(program->arena, bits->parts, bits->part_count, room) =
            function;
    }
    for (size_t i = 0; i < bits->part_count; i++) {
        const struct function *root = root_of(bits->parts[i]);
        struct function *part =
            &program->functions[bits->parts[i] - program->functions];
        part->parent =
            root == part || (root->flags & FUNCTION_PART) ? NULL : root;
    }
    if (bits->part_count > 0) {
        qsort(bits->parts, bits->part_count, sizeof *bits->parts,
              compare_parts);
    }
}

bool parts_together(const struct function *a, const struct function *b) {
    const struct function *x = a->parent ? a->parent : a;
    const struct function *y = b->parent ? b->parent : b;
    return x == y;
}

const struct function *const *program_parts(const struct program *program,
                                            const struct function *function,
                                            size_t *count) {
    const struct program_bits *bits = program->bits;
    size_t low;
    LOWER_BOUND(low, bits->part_count, bits->parts[low]->parent < function);
    size_t end = low;
    while (end < bits->part_count && bits->parts[end]->parent == function) {
        end++;
    }
    *count = end - low;
    return *count > 0 ? bits->parts + low : NULL;
}
