// bare.c: where added code begins in a program that nobody loads.
//
// Its first instruction becomes a window, like that of any probe, whose
// trampoline goes to the runtime's entry first:
//
//     start:  jmp trampoline        trampoline:  jmp mct_entry
//     next:                         resume:      (shots, displaced
//     instructions)
//                                                jmp next
//
// So neither the vector table nor what a file's header says of the entry
// changes, and whoever starts the program again, by a jump to its first
// instruction, starts ours again, too.

#include "rewrite/plan.h"

bool bare_reaches(const struct plan *plan, uint64_t va, uint64_t reach) {
    uint64_t low = plan->text_va, high = plan->result->room.rodata_va;
    uint64_t down = va > low ? va - low : 0, up = high > va ? high - va : 0;
    return down < reach && up < reach;
}

void bare_add_place(struct plan *plan) {
    const struct image *image = plan->program->image;
    if (!image->is_bare)
        return;
    plan->start_va = image->entry_va;
    size_t at = 0;
    while (at < plan->place_count && plan->places[at].va < plan->start_va)
        at++;
    if (at < plan->place_count && plan->places[at].va == plan->start_va)
        return;
    ARENA_PUSH(plan->arena, plan->places, plan->place_count, plan->place_room);
    for (size_t i = plan->place_count - 1; i > at; i--)
        plan->places[i] = plan->places[i - 1];
    plan->places[at] = (struct place){.va = plan->start_va};
}

// A walk from the first instruction on, through jumps and calls, past branches
// that may not be taken.
struct walk {
    uint64_t va, run_va; // run_va: where what follows each other began
    uint64_t returns[8];
    unsigned depth;
};

static void add_stackless(struct plan *plan, uint64_t from_va,
                          uint64_t last_va) {
    *ARENA_PUSH(plan->arena, plan->stackless, plan->stackless_count,
                plan->stackless_room) = (struct stackless){from_va, last_va};
}

// False: it is not told where control goes.
static bool walk_on(struct plan *plan, struct walk *walk,
                    const struct insn *insn) {
    uint64_t next_va = insn->va + insn->len, to_va = next_va;
    if (insn->kind == INSN_JUMP || insn->kind == INSN_CALL)
        to_va = insn->target;
    else if (insn->kind == INSN_RETURN && walk->depth > 0)
        to_va = walk->returns[--walk->depth];
    else if (insn->kind != INSN_PLAIN && insn->kind != INSN_JUMP_COND)
        return false;
    if (insn->kind == INSN_CALL && walk->depth == COUNT_OF(walk->returns))
        return false;
    if (insn->kind == INSN_CALL)
        walk->returns[walk->depth++] = next_va;
    if (to_va != next_va) {
        add_stackless(plan, walk->run_va, insn->va);
        walk->run_va = to_va;
    }
    walk->va = to_va;
    return true;
}

// The first instructions may have to bring a stack: up to the one that does,
// nothing may be run that uses it. Where something is pushed before that, or
// control is lost sight of, the machine has brought one itself.
void bare_find_stackless(struct plan *plan) {
    enum { MOST = 512 };
    size_t before = plan->stackless_count;
    struct walk walk = {.va = plan->start_va, .run_va = plan->start_va};
    struct insn insn;
    uint64_t last_va = UINT64_MAX;
    for (int i = 0; i < MOST && window_decode(plan, walk.va, &insn); i++) {
        bool is_plain = insn.kind == INSN_PLAIN;
        bool moves = is_plain && (insn.writes & REG_BIT(plan->arch->abi.sp));
        bool is_set = last_va != UINT64_MAX;
        // It may take several that follow each other.
        if (moves && !is_set && insn.sp_delta != 0)
            break;
        if (moves)
            last_va = walk.va;
        else if (is_set)
            break;
        if (!walk_on(plan, &walk, &insn))
            break;
    }
    if (last_va != UINT64_MAX)
        add_stackless(plan, walk.run_va, last_va);
    else
        plan->stackless_count = before;
}

void bare_emit_start(struct plan *plan) {
    uint32_t off;
    if (!stencil_find_function(plan->input->stencils, "mct_entry", &off))
        return;
    unsigned mode = plan->arch->mode, runtime_mode = plan->stencil_arch->mode;
    if (mode != runtime_mode) {
        plan->arch->go_on_in(runtime_mode, plan_text_end(plan), &plan->text);
        ways_enter_mode(plan, runtime_mode);
        frames_mark_code(plan);
    }
    plan->arch->jump(plan->near, plan_text_end(plan), plan->text_va + off,
                     &plan->text);
    if (mode != runtime_mode) {
        ways_enter_mode(plan, mode);
        bytes_align(&plan->text, plan->arch->insn_align,
                    plan->arch->padding_byte);
        frames_mark_code(plan);
    }
    plan->resume_va = plan_text_end(plan);
}

bool bare_check_start(struct plan *plan) {
    const struct image *image = plan->program->image;
    if (!image->is_bare || plan->failed)
        return true;
    const struct place *place = place_at(plan, plan->start_va);
    const struct window *window = window_find(plan, plan->start_va);
    // It may have been written, and taken back.
    if (plan->resume_va && window && window->va <= plan->start_va &&
        plan->start_va < window->va + window->len)
        return true;
    diag_error_at(plan->diag, R_MISSED, image->path.p,
                  "the program's first instruction at 0x%llx cannot be made to "
                  "lead to added code: %s",
                  (unsigned long long)plan->start_va,
                  place && place->reason ? place->reason : "it is not shown");
    return false;
}
