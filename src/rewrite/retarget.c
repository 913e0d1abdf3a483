// retarget.c: branches that are sent elsewhere.
//
// A branch to the middle of a window goes to that instruction's place in the
// trampoline instead, and so does a loop back to a probed entry, behind the
// stencils that fire for arrivals:
//
//     f:    jmp trampoline            trampoline:
//           ...                         (stencil of f:entry)
//           jne f   --------------->  body:
//                                       displaced instructions
//
// A branch is changed in place where its form reaches; a shorter one is
// displaced into a window of its own, and a displaced branch goes wherever it
// likes. Direct calls of a probed function go to its stencils at once, which
// saves the jump in place. All of this is settled when every trampoline has its
// address.

#include "rewrite/plan.h"

#include <stdlib.h>
#include <string.h>

static const struct function *whole(const struct function *function) {
    return function != NULL && function->parent != NULL ? function->parent
                                                        : function;
}

// Bytes of a branch as it would read at its own place with another target;
// false: it takes more than it has.
static bool rewrite_branch(const struct plan *plan, struct insn insn,
                           uint64_t target, struct bytes *out) {
    uint8_t len = insn.len;
    insn.target = target;
    return plan->arch->move(&insn, insn.va, 0, out) && out->n == len;
}

static bool send_branch(struct plan *plan, uint64_t va) {
    if (!program_is_shown(plan->program, va) || relay_holds(plan, va))
        return false;
    struct window *window = window_at(plan, va);
    if (window != NULL && va < window->va + window->len)
        return true;
    // One that was displaced before is where it is.
    const struct window *other = window_find(plan, va);
    if (other != NULL && va < other->va + other->len)
        return way_nears_text(plan, other);
    struct insn insn;
    struct bytes bytes = {.arena = plan->arena, .order = plan->arch->order};
    if (!program_decode(plan->program, va, &insn))
        return false;
    if (rewrite_branch(plan, insn, way_farthest(plan), &bytes)) {
        *ARENA_PUSH(plan->arena, plan->redirects, plan->redirect_count,
                    plan->redirect_room) =
            (struct redirect){va, ARRIVE_BY_BRANCH};
        return true;
    }
    return va >= plan->lo_va && va < plan->hi_va && plan_cover(plan, va, true);
}

bool retarget_branches(struct plan *plan, uint64_t target,
                       const struct function *only_from) {
    size_t count;
    const struct branch *branches =
        program_branches_to(plan->program, target, &count);
    bool all = true;
    for (size_t i = 0; i < count; i++) {
        uint64_t va = branches[i].va;
        if (only_from != NULL &&
            whole(program_function_at(plan->program, va)) != whole(only_from))
            continue;
        all &= send_branch(plan, va);
    }
    struct window *window = window_at(plan, target);
    if (window != NULL && count > 0)
        window->flags |= WINDOW_LABELS;
    return all;
}

// A jump in place, all targets behind it redirected.
static bool stretch_over_targets(struct plan *plan, const struct place *place,
                                 struct stretch *stretch) {
    unsigned grow =
        place->displace ? GROW_TARGETS | GROW_SYSCALL : GROW_TARGETS;
    if (!stretch_begin(plan, stretch, place->va, grow))
        return false;
    while (stretch->end_va - stretch->va < plan->jump->len)
        if (!stretch_forward(plan, stretch, grow))
            break;
    while (stretch->end_va - stretch->va < plan->jump->len)
        if (!stretch_backward(plan, stretch, grow))
            return false;
    return true;
}

// No jump in place at all: whoever comes here is sent.
static bool stretch_unentered(struct plan *plan, const struct place *place,
                              struct stretch *stretch) {
    uint64_t padding_va;
    return !plan->rigid &&
           window_is_closed_before(plan, place->va, &padding_va) &&
           program_is_direct_target_only(plan->program, place->va) &&
           stretch_begin(plan, stretch, place->va, GROW_SYSCALL);
}

static bool send_all(struct plan *plan, const struct stretch *stretch,
                     bool at_start) {
    for (uint64_t va = stretch->va + (at_start ? 0 : 1); va < stretch->end_va;
         va++)
        if (window_is_target(plan, va) && !retarget_branches(plan, va, NULL))
            return false;
    return true;
}

static bool try_stretch(struct plan *plan, const struct stretch *stretch,
                        uint8_t flags) {
    size_t redirects = plan->redirect_count;
    struct windows saved = window_save(plan);
    window_commit(plan, stretch, TACTIC_RETARGET)->flags |= flags;
    if (send_all(plan, stretch, (flags & WINDOW_UNENTERED) != 0))
        return true;
    window_restore(plan, &saved);
    plan->redirect_count = redirects;
    return false;
}

bool retarget_place(struct plan *plan, const struct place *place) {
    struct stretch stretch;
    if (plan->rigid)
        return false;
    if (stretch_over_targets(plan, place, &stretch) &&
        way_is_open(plan, &stretch) &&
        try_stretch(plan, &stretch, WINDOW_LABELS))
        return true;
    return stretch_unentered(plan, place, &stretch) &&
           try_stretch(plan, &stretch, WINDOW_LABELS | WINDOW_UNENTERED);
}

void retarget_loops(struct plan *plan) {
    for (size_t i = 0; i < plan->here_count; i++) {
        struct place *place = &plan->here[i];
        const struct window *window = window_at(plan, place->va);
        const struct site *site = plan->input->shots[place->first].site;
        const struct function *function =
            program_function_at(plan->program, place->va);
        if (window == NULL || window->va != place->va ||
            !fill_has(plan, place, SHOT_LEADING) || function == NULL)
            continue;
        bool all = retarget_branches(plan, place->va, function);
        if (site->va != place->va)
            all &= retarget_branches(plan, site->va, function);
        if (!all)
            place->reason = "a loop back to the start fires again";
    }
}

// A jump saved for every call. In a large image the many changed calls would
// cost more when it is written and loaded than they save.
#define CALLS_MOST ((size_t)1 << 18)

void retarget_calls(struct plan *plan) {
    if (plan->program->call_count > CALLS_MOST)
        return;
    for (size_t i = 0; i < plan->here_count; i++) {
        const struct place *place = &plan->here[i];
        const struct window *window = window_at(plan, place->va);
        uint64_t entry_va = plan->input->shots[place->first].site->va;
        if (window == NULL || window->va != place->va ||
            !fill_has(plan, place, SHOT_LEADING))
            continue;
        size_t count;
        const struct branch *calls =
            program_calls_to(plan->program, entry_va, &count);
        for (size_t k = 0; k < count; k++)
            if (program_is_shown(plan->program, calls[k].va))
                *ARENA_PUSH(plan->arena, plan->redirects, plan->redirect_count,
                            plan->redirect_room) =
                    (struct redirect){calls[k].va, ARRIVE_BY_CALL};
    }
}

// The same displaced branch to another target, in the bytes that it has.
static bool send_moved(struct plan *plan, const struct moved *moved,
                       uint64_t to_va, struct bytes *out) {
    const struct arch *arch = plan->arch;
    uint64_t at_va = plan->text_va + moved->text_off;
    struct bytes old = {.arena = plan->arena, .order = arch->order};
    struct insn insn;
    if (moved->reach != NULL) {
        if (!way_spans(moved->reach, at_va, to_va))
            return false;
        arch->jump(moved->reach, at_va, to_va, out);
        return true;
    }
    if (!program_decode(plan->program, moved->va, &insn) ||
        !arch->move(&insn, at_va, moved->sp_bias, &old))
        return false;
    insn.target = to_va;
    return arch->move(&insn, at_va, moved->sp_bias, out) && out->n == old.n;
}

bool retarget_reaches(struct plan *plan, const struct moved *moved) {
    enum arrival arrival = (enum arrival)moved->arrival;
    struct bytes bytes = {.arena = plan->arena, .order = plan->arch->order};
    return !window_must_send(plan, moved->va, moved->target, arrival) ||
           send_moved(plan, moved,
                      window_label(plan, moved->va, moved->target, arrival),
                      &bytes);
}

// A branch that is too far from there goes the way that it went before.
static void settle_moved(struct plan *plan, const struct moved *moved) {
    enum arrival arrival = (enum arrival)moved->arrival;
    uint64_t label_va = window_label(plan, moved->va, moved->target, arrival);
    if (label_va == 0 || plan->failed)
        return;
    ways_enter_mode(plan, program_mode_at(plan->program, moved->va));
    struct bytes bytes = {.arena = plan->arena, .order = plan->arch->order};
    if (send_moved(plan, moved, label_va, &bytes)) {
        memcpy(plan->text.p + moved->text_off, bytes.p, bytes.n);
    } else if (window_must_send(plan, moved->va, moved->target, arrival)) {
        diag_error_at(plan->diag, R_ROOM, plan->program->image->path.p,
                      "the branch at 0x%llx, which was moved, does not reach "
                      "0x%llx",
                      (unsigned long long)moved->va,
                      (unsigned long long)moved->target);
        plan->failed = true;
    }
}

static int compare_redirects(const void *a, const void *b) {
    const struct redirect *x = a, *y = b;
    return x->va < y->va ? -1 : x->va > y->va;
}

void retarget_finish(struct plan *plan) {
    for (size_t i = 0; i < plan->moved_count; i++)
        settle_moved(plan, &plan->moved[i]);
    // A branch is listed again when its target's window grows.
    if (plan->redirect_count > 0)
        qsort(plan->redirects, plan->redirect_count, sizeof *plan->redirects,
              compare_redirects);
    for (size_t i = 0; i < plan->redirect_count; i++) {
        const struct redirect *redirect = &plan->redirects[i];
        uint64_t va = redirect->va;
        if (i > 0 && va == redirect[-1].va)
            continue;
        const struct window *window = window_find(plan, va);
        struct insn insn;
        struct bytes bytes = {.arena = plan->arena, .order = plan->arch->order};
        if ((window != NULL && va < window->va + window->len) ||
            !program_decode(plan->program, va, &insn))
            continue;
        uint64_t label_va = window_label(plan, va, insn.target,
                                         (enum arrival)redirect->arrival);
        if (label_va != 0 && rewrite_branch(plan, insn, label_va, &bytes))
            patch_add(plan, va, bytes.p, bytes.n);
    }
}
