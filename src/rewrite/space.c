// space.c: spare bytes within reach of a short jump.
//
// A site of two to four bytes takes a short jump to an island, where the long
// one stands:
//
//     ret1:  c3 90          eb 4a    jmp island
//     ...
//     (padding behind f)    e9 ....  island: jmp trampoline
//
// Islands lie in padding between functions, in what the jump of a window
// leaves of the instructions it covers, and, if there is neither, in a window
// made for that: a run of instructions long enough for two jumps.
// Padding is given out from its end, so that its beginning stays free for a
// jump that runs on from the function before it.

#include "rewrite/plan.h"

#define DONOR_GROWTH 32

// Padding within the function, behind a jump or a return: nothing comes there,
// and nobody asks.
static uint64_t inner_padding(struct plan *plan, uint64_t va) {
    uint64_t at = va, padding_va;
    struct insn insn;
    if (plan->rigid || !window_is_closed_before(plan, va, &padding_va) ||
        padding_va != va)
        return 0;
    while (at < plan->hi_va && program_is_insn(plan->program, at) &&
           !window_is_target(plan, at) && place_at(plan, at) == NULL &&
           window_decode(plan, at, &insn) && (insn.flags & INSN_PADDING) &&
           at + insn.len <= plan->hi_va)
        at += insn.len;
    return program_is_filler(plan->program, va) ? at - va : 0;
}

struct spare *space_padding(struct plan *plan, uint64_t va) {
    uintptr_t known = (uintptr_t)map_get_number(&plan->spare_at, va);
    if (known != 0)
        return &plan->spares[known - 1];
    uint64_t len = program_padding_at(plan->program, va);
    if (len == 0 && va > plan->lo_va && va < plan->hi_va)
        len = inner_padding(plan, va);
    if (len == 0)
        return NULL;
    struct spare *spare = ARENA_PUSH(plan->arena, plan->spares,
                                     plan->spare_count, plan->spare_room);
    *spare = (struct spare){.origin_va = va, .va = va, .end_va = va + len};
    map_put_number(&plan->spare_at, va, (void *)(uintptr_t)plan->spare_count);
    return spare;
}

static void note_change(struct plan *plan, const struct spare *spare) {
    *ARENA_PUSH(plan->arena, plan->spare_changes, plan->spare_change_count,
                plan->spare_change_room) = (struct spare_change){
        (size_t)(spare - plan->spares), spare->va, spare->end_va};
}

void space_take(struct plan *plan, struct spare *spare, uint64_t va,
                uint64_t end_va) {
    note_change(plan, spare);
    spare->va = va;
    spare->end_va = end_va;
}

void space_return(struct plan *plan, size_t count) {
    while (plan->spare_change_count > count) {
        const struct spare_change *change =
            &plan->spare_changes[--plan->spare_change_count];
        plan->spares[change->index].va = change->va;
        plan->spares[change->index].end_va = change->end_va;
    }
}

bool space_take_padding(struct plan *plan, uint64_t va, uint64_t len) {
    struct spare *spare = space_padding(plan, va);
    if (spare == NULL || spare->va != va || spare->end_va - va < len)
        return false;
    note_change(plan, spare);
    spare->va += len;
    return true;
}

static bool reaches(const struct plan *plan, uint64_t from, uint64_t to) {
    int64_t distance = (int64_t)(to - from);
    return distance >= plan->short_jump->min &&
           distance <= plan->short_jump->max;
}

static uint64_t take_spare(struct plan *plan, struct spare *spare,
                           uint64_t va) {
    if (spare == NULL || spare->end_va - spare->va < plan->jump->len)
        return 0;
    // A function that comes later may need the front of what is behind it.
    bool is_reserved =
        spare->va == spare->origin_va && spare->origin_va > plan->hi_va;
    uint64_t reserved = is_reserved ? plan->jump->len - 1u : 0;
    uint64_t island_va = spare->end_va - plan->jump->len;
    if (island_va >= spare->va + reserved && reaches(plan, va, island_va)) {
        note_change(plan, spare);
        spare->end_va = island_va;
        return island_va;
    }
    island_va = spare->va; // the front may be nearer
    if (is_reserved || !reaches(plan, va, island_va))
        return 0;
    note_change(plan, spare);
    spare->va += plan->jump->len;
    return island_va;
}

// From the functions near enough that padding behind them may be reached.
static uint64_t take_padding(struct plan *plan, uint64_t va) {
    const struct program *program = plan->program;
    uint64_t low_va = va + (uint64_t)plan->short_jump->min;
    uint64_t high_va = va + (uint64_t)plan->short_jump->max;
    size_t low;
    LOWER_BOUND(low, program->function_count,
                program->functions[low].va + program->functions[low].len <
                    low_va);
    // The one before may be padded as far as here.
    for (size_t i = low > 0 ? low - 1 : 0; i < program->function_count; i++) {
        uint64_t end_va = program->functions[i].va + program->functions[i].len;
        if (end_va > high_va)
            break;
        uint64_t island_va = take_spare(plan, space_padding(plan, end_va), va);
        if (island_va != 0)
            return island_va;
    }
    return 0;
}

// The part of the current function that a short jump at va reaches.
static void reached_part(const struct plan *plan, uint64_t va, uint64_t *low,
                         uint64_t *high) {
    *low = va + (uint64_t)plan->short_jump->min;
    *high = va + (uint64_t)plan->short_jump->max;
    if (*low < plan->lo_va)
        *low = plan->lo_va;
    if (*high > plan->hi_va)
        *high = plan->hi_va;
}

static uint64_t take_inner_padding(struct plan *plan, uint64_t va) {
    uint64_t low, high, island_va = 0;
    struct insn insn;
    reached_part(plan, va, &low, &high);
    for (uint64_t at = low; at < high && island_va == 0; at++)
        if (program_is_insn(plan->program, at) &&
            program_function_at(plan->program, at) != NULL &&
            window_decode(plan, at, &insn) && (insn.flags & INSN_PADDING))
            island_va = take_spare(plan, space_padding(plan, at), va);
    return island_va;
}

uint64_t space_left_over(struct plan *plan, const struct stretch *stretch) {
    struct insn insn;
    uint64_t va = stretch->va;
    while (va < stretch->va + plan->jump->len && va < stretch->end_va) {
        if (!window_decode(plan, va, &insn))
            return stretch->end_va;
        va += insn.len;
    }
    return va;
}

// Grows a stretch until its spare bytes hold a jump.
static bool make_spare(struct plan *plan, struct stretch *stretch) {
    uint64_t most = stretch->end_va + DONOR_GROWTH;
    for (;;) {
        if (space_left_over(plan, stretch) + plan->jump->len <= stretch->end_va)
            return true;
        if (stretch->end_va > most ||
            !stretch_forward(plan, stretch, GROW_PLAIN))
            return false;
    }
}

// A stretch that grew may have taken over a window with an island in it.
static bool holds_island(const struct plan *plan,
                         const struct stretch *stretch) {
    for (size_t i = 0; i < plan->local_count; i++) {
        const struct window *window = &plan->local[i];
        if (window->va >= stretch->va && window->va < stretch->end_va &&
            window->hosted_va != 0)
            return true;
    }
    return false;
}

static uint64_t take_from(struct plan *plan, struct stretch *stretch,
                          uint64_t va, enum tactic tactic) {
    uint64_t island_va = stretch->end_va - plan->jump->len;
    if (!reaches(plan, va, island_va))
        island_va = space_left_over(plan, stretch);
    if (!reaches(plan, va, island_va) ||
        (va >= stretch->va && va < stretch->end_va) ||
        holds_island(plan, stretch))
        return 0;
    window_commit(plan, stretch, tactic)->hosted_va = island_va;
    return island_va;
}

// One more, before the others.
static uint64_t take_another(struct plan *plan, struct window *window,
                             uint64_t va) {
    struct stretch stretch;
    uint64_t island_va = window->hosted_va - plan->jump->len;
    stretch_from(&stretch, window);
    if (island_va < space_left_over(plan, &stretch) ||
        !reaches(plan, va, island_va) ||
        (va >= stretch.va && va < stretch.end_va))
        return 0;
    window->hosted_va = island_va;
    return island_va;
}

static bool may_host(const struct window *window, uint64_t va) {
    return window->va + window->len + 256 > va && window->va < va + 256 &&
           !(window->flags & (WINDOW_UNENTERED | WINDOW_SETTLED)) &&
           window->island_va == 0 &&
           (window->tactic == TACTIC_DIRECT || window->tactic == TACTIC_BEFORE);
}

static uint64_t take_leftover(struct plan *plan, uint64_t va) {
    for (size_t i = 0; i < plan->local_count; i++) {
        struct window *window = &plan->local[i];
        struct stretch stretch;
        uint64_t island_va = 0;
        if (!may_host(window, va))
            continue;
        stretch_from(&stretch, window);
        enum tactic tactic = window->tactic;
        if (window->hosted_va != 0)
            island_va = take_another(plan, window, va);
        else if (make_spare(plan, &stretch))
            island_va = take_from(plan, &stretch, va, tactic);
        if (island_va != 0)
            return island_va;
    }
    return 0;
}

static uint64_t take_donor(struct plan *plan, uint64_t va) {
    uint64_t low, high;
    reached_part(plan, va, &low, &high);
    for (uint64_t at = low; at < high; at++) {
        struct stretch stretch;
        struct insn insn;
        if (!program_is_insn(plan->program, at) || window_at(plan, at) ||
            !window_decode(plan, at, &insn) || (insn.flags & INSN_PADDING) ||
            !stretch_begin(plan, &stretch, at, GROW_PLAIN) ||
            !make_spare(plan, &stretch))
            continue;
        uint64_t island_va = take_from(plan, &stretch, va, TACTIC_DIRECT);
        if (island_va != 0)
            return island_va;
    }
    return 0;
}

uint64_t space_take_island(struct plan *plan, uint64_t va) {
    if (plan->short_jump == NULL)
        return 0;
    uint64_t island_va = take_padding(plan, va);
    if (island_va == 0 && !plan->rigid)
        island_va = take_inner_padding(plan, va);
    if (island_va == 0)
        island_va = take_leftover(plan, va);
    // A function that may be entered anywhere lends nothing.
    if (island_va == 0 && !plan->rigid)
        island_va = take_donor(plan, va);
    return island_va;
}
