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

#define NEAR_SPARES  64 // of the last ones found, looked at for padding
#define DONOR_GROWTH 32

static struct spare *find_spare(struct plan *plan, uint64_t origin_va) {
    size_t first =
        plan->spare_count > NEAR_SPARES ? plan->spare_count - NEAR_SPARES : 0;
    for (size_t i = plan->spare_count; i > first; i--)
        if (plan->spares[i - 1].origin_va == origin_va)
            return &plan->spares[i - 1];
    return NULL;
}

static struct spare *padding_at(struct plan *plan, uint64_t va) {
    struct spare *spare = find_spare(plan, va);
    if (spare != NULL)
        return spare;
    uint64_t len = program_padding_at(plan->program, va);
    if (len == 0)
        return NULL;
    spare = ARENA_PUSH(plan->arena, plan->spares, plan->spare_count,
                       plan->spare_room);
    *spare = (struct spare){.origin_va = va, .va = va, .end_va = va + len};
    return spare;
}

bool space_take_padding(struct plan *plan, uint64_t va, uint64_t len) {
    struct spare *spare = padding_at(plan, va);
    if (spare == NULL || spare->va != va || spare->end_va - va < len)
        return false;
    spare->va += len;
    return true;
}

static bool reaches(const struct plan *plan, uint64_t from, uint64_t to) {
    int64_t distance = (int64_t)(to - from);
    return distance >= plan->short_jump->min &&
           distance <= plan->short_jump->max;
}

// The functions near enough that padding behind them may be reached.
static uint64_t take_padding(struct plan *plan, uint64_t va) {
    const struct program *program = plan->program;
    uint64_t low_va = va + (uint64_t)plan->short_jump->min;
    uint64_t high_va = va + (uint64_t)plan->short_jump->max;
    size_t low = 0, high = program->function_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct function *function = &program->functions[middle];
        if (function->va + function->len < low_va)
            low = middle + 1;
        else
            high = middle;
    }
    // The one before may be padded as far as here.
    for (size_t i = low > 0 ? low - 1 : 0; i < program->function_count; i++) {
        uint64_t end_va = program->functions[i].va + program->functions[i].len;
        if (end_va > high_va)
            break;
        struct spare *spare = padding_at(plan, end_va);
        if (spare == NULL || spare->end_va - spare->va < plan->jump->len)
            continue;
        uint64_t island_va = spare->end_va - plan->jump->len;
        if (!reaches(plan, va, island_va))
            island_va = spare->va; // the front is nearer
        if (!reaches(plan, va, island_va))
            continue;
        if (island_va == spare->va)
            spare->va += plan->jump->len;
        else
            spare->end_va = island_va;
        return island_va;
    }
    return 0;
}

// Where the instructions begin that a window's jump leaves whole.
static uint64_t spare_from(struct plan *plan, const struct stretch *stretch) {
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
        if (spare_from(plan, stretch) + plan->jump->len <= stretch->end_va)
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
            (window->flags & WINDOW_HOSTS))
            return true;
    }
    return false;
}

static uint64_t take_from(struct plan *plan, struct stretch *stretch,
                          uint64_t va, enum tactic tactic) {
    uint64_t island_va = stretch->end_va - plan->jump->len;
    if (!reaches(plan, va, island_va))
        island_va = spare_from(plan, stretch);
    if (!reaches(plan, va, island_va) ||
        (va >= stretch->va && va < stretch->end_va) ||
        holds_island(plan, stretch))
        return 0;
    window_commit(plan, stretch, tactic)->flags |= WINDOW_HOSTS;
    return island_va;
}

static uint64_t take_leftover(struct plan *plan, uint64_t va) {
    for (size_t i = 0; i < plan->local_count; i++) {
        const struct window *window = &plan->local[i];
        struct stretch stretch;
        if (window->va + window->len + 256 < va || window->va > va + 256 ||
            (window->flags & (WINDOW_HOSTS | WINDOW_UNENTERED)) ||
            window->island_va != 0 || window->tactic == TACTIC_CALL ||
            window->tactic == TACTIC_PADDING)
            continue;
        stretch_from(&stretch, window);
        enum tactic tactic = window->tactic;
        if (!make_spare(plan, &stretch))
            continue;
        uint64_t island_va = take_from(plan, &stretch, va, tactic);
        if (island_va != 0)
            return island_va;
    }
    return 0;
}

static uint64_t take_donor(struct plan *plan, uint64_t va) {
    uint64_t low_va = va + (uint64_t)plan->short_jump->min;
    uint64_t high_va = va + (uint64_t)plan->short_jump->max;
    for (uint64_t at = low_va > plan->lo_va ? low_va : plan->lo_va;
         at < high_va && at < plan->hi_va; at++) {
        struct stretch stretch;
        if (!program_is_insn(plan->program, at) || window_at(plan, at) ||
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
    if (island_va == 0)
        island_va = take_leftover(plan, va);
    // A function that may be entered anywhere lends nothing.
    if (island_va == 0 && !plan->rigid)
        island_va = take_donor(plan, va);
    return island_va;
}
