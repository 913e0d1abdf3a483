// relay.c: sites at which only a near jump fits, where what is added is far.
//
// Far jumps take several instructions, and a register. Where a site has no
// room for one, it stands elsewhere, as near to the code as near jumps lead:
//
//     ret:  c.j island         island: jal relay        (two bytes are enough)
//     f:    jal relay          relay:  auipc t6,..; jr ..(t6)
//
// The register is one that is dead at the site. If there is none, one waits on
// the stack meanwhile, and the way back needs a relay too:
//
//     relay:  addi sp,-16              trampoline:  ld   t6,(sp)
//             sd   t6,(sp)                          addi sp,16
//             auipc t6,..; jr ..(t6)                  ...
//     back:   ld   t6,(sp)                          addi sp,-16
//             addi sp,16                            sd   t6,(sp)
//             j    behind the site                  auipc t6,..; jr ..(t6)
//
// So does a displaced branch out of the trampoline whose own form does not
// reach (struct exit): such a relay stands near its target, and is shared by
// all that go there. It leads to the target as it stands in the program, so
// that it does not do for branches that must go elsewhere: loops back to probed
// entries, and those to what a window covers.
//
// Room for relays is gathered as it is asked for: padding between functions;
// then code that is moved away for it, a straight line at a time, whose own
// jump takes only part of it. What compilers split off from functions, since it
// hardly ever runs, comes first.
//
// All this is done when all other windows are made and their trampolines are
// written: those stay as they are, and code that no window covers is free to
// be used. Sites come in the order of their addresses, so that what was looked
// at for one need not be looked at again for the next.

#include "rewrite/plan.h"

#define RELAY_ROUNDS 8
// Relays at hand before a site is worked on, if there is room for so many.
#define STOCK_LEAST  6
// Bytes of code that are moved at once.
#define DONOR_MOST   96
// So near to a site that lacks room nothing is moved away, where a jump takes
// more than one instruction: it may be needed.
#define DONOR_GAP    64

static bool is_lacking(const struct place *place) {
    return !place->reached && (place->lacks_room || place->lacks_way);
}

// --- room -----------------------------------------------------------------

static bool is_near(const struct plan *plan, uint64_t from_va, uint64_t to_va) {
    int64_t distance = (int64_t)(to_va - from_va);
    return distance >= plan->near->min && distance <= plan->near->max;
}

static struct spare *stocked(const struct plan *plan, size_t i) {
    return &plan->spares[plan->stock.spares[i]];
}

// Where a relay of the mode at hand begins in spare bytes; they may be of
// another one.
static uint64_t relay_in(const struct plan *plan, const struct spare *spare) {
    uint64_t alignment = plan->arch->insn_align;
    return (spare->va + alignment - 1) / alignment * alignment;
}

static bool holds_relay(const struct plan *plan, const struct spare *spare,
                        uint64_t va, uint64_t len) {
    uint64_t relay_va = relay_in(plan, spare);
    return relay_va + len <= spare->end_va && is_near(plan, va, relay_va);
}

// What waits on the stack: also what others go through on their way there.
static regset spilled(const struct plan *plan) {
    const struct abi *abi = &plan->arch->abi;
    regset set = plan->far->clobbers;
    return set & ~abi->general ? set | REG_BIT(abi->result) : set;
}

static uint64_t spilled_len(struct plan *plan) {
    struct bytes code = {.arena = plan->arena, .order = plan->arch->order};
    plan->arch->save(spilled(plan), 0, &code);
    return code.n + plan->far->len;
}

static uint64_t back_len(struct plan *plan) {
    struct bytes code = {.arena = plan->arena, .order = plan->arch->order};
    plan->arch->restore(spilled(plan), 0, &code);
    return code.n + plan->near->len;
}

// What lies before all that later sites reach is of no more use, nor what is
// used up.
static void forget_spares(struct plan *plan, uint64_t va) {
    struct stock *stock = &plan->stock;
    size_t kept = 0;
    for (size_t i = 0; i < stock->count; i++) {
        const struct spare *spare = stocked(plan, i);
        bool is_behind = spare->va < va && !is_near(plan, va, spare->va);
        if (!is_behind && spare->end_va - spare->va >= plan->far->len)
            stock->spares[kept++] = stock->spares[i];
    }
    stock->count = kept;
}

static bool has_stock(struct plan *plan, uint64_t va) {
    uint64_t count = 0, len = spilled_len(plan);
    for (size_t i = 0; i < plan->stock.count; i++) {
        const struct spare *spare = stocked(plan, i);
        if (holds_relay(plan, spare, va, len))
            count += (spare->end_va - spare->va) / len;
        if (count >= STOCK_LEAST)
            return true;
    }
    return false;
}

static void add_stock(struct plan *plan, const struct spare *spare) {
    if (spare->end_va - spare->va >= plan->far->len)
        *ARENA_PUSH(plan->arena, plan->stock.spares, plan->stock.count,
                    plan->stock.room) = (size_t)(spare - plan->spares);
}

static uint64_t take_relay(struct plan *plan, uint64_t va, uint64_t len) {
    for (size_t i = 0; i < plan->stock.count; i++) {
        struct spare *spare = stocked(plan, i);
        uint64_t relay_va = relay_in(plan, spare);
        if (!holds_relay(plan, spare, va, len))
            continue;
        space_take(plan, spare, relay_va + len, spare->end_va);
        return relay_va;
    }
    return 0;
}

// --- code that is moved away ----------------------------------------------

static bool may_donate(const struct plan *plan, const struct stretch *stretch) {
    size_t i;
    uint64_t len = plan->near->len;
    uint64_t gap = len > plan->arch->insn_align ? DONOR_GAP : len;
    LOWER_BOUND(i, plan->place_count, plan->places[i].va + gap < stretch->va);
    for (; i < plan->place_count && plan->places[i].va < stretch->end_va + gap;
         i++) {
        uint64_t va = plan->places[i].va;
        if (is_lacking(&plan->places[i]) ||
            (va >= stretch->va && va < stretch->end_va))
            return false;
    }
    return true;
}

// A straight line from `va` on. *next_va: where to go on looking.
static bool find_donor(struct plan *plan, uint64_t va, struct stretch *stretch,
                       uint64_t *next_va) {
    struct insn insn;
    *next_va = va + plan->arch->insn_align;
    if (!program_is_insn(plan->program, va) || !window_decode(plan, va, &insn))
        return false;
    *next_va = va + insn.len;
    if ((insn.flags & INSN_PADDING) ||
        !stretch_begin(plan, stretch, va, GROW_PLAIN))
        return false;
    while (stretch->end_va - va < DONOR_MOST)
        if (!stretch_forward(plan, stretch, GROW_PLAIN))
            break;
    if (stretch->end_va - va < 2u * plan->far->len ||
        !may_donate(plan, stretch))
        return false;
    return way_is_open(plan, stretch) && may_donate(plan, stretch) &&
           space_left_over(plan, stretch) + plan->far->len <= stretch->end_va;
}

static void make_donor(struct plan *plan, const struct stretch *stretch) {
    struct before before = plan_begin_piece(plan);
    struct spare spare = {.origin_va = space_left_over(plan, stretch),
                          .end_va = stretch->end_va,
                          .window_va = stretch->va};
    spare.va = spare.origin_va;
    window_commit(plan, stretch, TACTIC_DIRECT)->hosted_va = spare.va;
    if (!plan_emit(plan)) {
        plan_take_back(plan, &before);
        return;
    }
    window_keep_late(plan, LATE_DONORS);
    struct spare *kept = ARENA_PUSH(plan->arena, plan->spares,
                                    plan->spare_count, plan->spare_room);
    *kept = spare;
    add_stock(plan, kept);
}

// Moves code of the piece from `va` on until there is enough for a site.
// Returns where to go on.
static uint64_t make_donors(struct plan *plan, uint64_t va, uint64_t site_va) {
    struct stretch stretch;
    uint64_t next_va;
    plan->local_count = 0;
    window_load_settled(plan);
    for (; va < plan->hi_va; va = next_va) {
        if (!find_donor(plan, va, &stretch, &next_va))
            continue;
        make_donor(plan, &stretch);
        if (has_stock(plan, site_va))
            return stretch.end_va;
        next_va = stretch.end_va;
        plan->local_count = 0;
        window_load_settled(plan);
    }
    return va;
}

static bool may_lend(const struct function *function) {
    return !(function->flags &
             (FUNCTION_OPAQUE | FUNCTION_UNSURE | FUNCTION_BLOB)) &&
           function->len > 0;
}

// --- sources --------------------------------------------------------------

// Takes from a function what this source has of it, until there is enough for
// a site at `va`. Returns where to go on.
static uint64_t draw(struct plan *plan, enum stock_from source,
                     const struct function *function, uint64_t va) {
    uint64_t end_va = function->va + function->len, at = function->va;
    if (source == STOCK_PADDING) {
        struct spare *spare = space_padding(plan, end_va);
        if (spare != NULL && is_near(plan, va, spare->va))
            add_stock(plan, spare);
        return end_va;
    }
    bool is_part = function->parent != NULL;
    if (is_part != (source == STOCK_PARTS) || !may_lend(function))
        return end_va;
    if (at < plan->stock.next_va[source])
        at = plan->stock.next_va[source];
    plan->hi_va = 0;
    plan_enter_piece(plan, at);
    if (plan->far == NULL || at >= plan->hi_va)
        return end_va;
    ways_far(plan);
    window_unbar(plan);
    return make_donors(plan, at, va);
}

static void draw_from(struct plan *plan, enum stock_from source, uint64_t va) {
    const struct program *program = plan->program;
    uint64_t *next_va = &plan->stock.next_va[source];
    uint64_t back = (uint64_t)-plan->near->min;
    uint64_t low_va = va > back ? va - back : 0;
    uint64_t high_va = va + (uint64_t)plan->near->max;
    size_t i;
    if (*next_va < low_va)
        *next_va = low_va;
    LOWER_BOUND(i, program->function_count,
                program->functions[i].va + program->functions[i].len <=
                    *next_va);
    while (i < program->function_count && !has_stock(plan, va)) {
        const struct function *function = &program->functions[i];
        uint64_t end_va = function->va + function->len;
        if (end_va > high_va)
            return;
        uint64_t at = draw(plan, source, function, va);
        // What is in stock is for the site, whose mode may be another.
        ways_enter_mode(plan, program_mode_at(program, va));
        if (at > *next_va)
            *next_va = at;
        i += at >= end_va;
    }
}

static void keep_stock(struct plan *plan, uint64_t va) {
    forget_spares(plan, va);
    for (int i = 0; i < STOCK_SOURCES && !has_stock(plan, va); i++)
        draw_from(plan, (enum stock_from)i, va);
}

// --- code -----------------------------------------------------------------

void relay_arrive(struct plan *plan) {
    const struct arch *arch = plan->arch;
    struct bytes code = {.arena = plan->arena, .order = arch->order};
    frames_bias(plan, (int32_t)arch->save(spilled(plan), 0, &code));
    uint32_t from = (uint32_t)plan->text.n;
    arch->restore(spilled(plan), 0, &plan->text);
    frames_scan(plan, from, 0);
}

static void leave_by(struct plan *plan, uint64_t relay_va) {
    const struct arch *arch = plan->arch;
    uint32_t from = (uint32_t)plan->text.n, lowered;
    lowered = arch->save(spilled(plan), 0, &plan->text);
    frames_scan(plan, from, (int32_t)lowered);
    arch->jump(plan->far, plan_text_end(plan), relay_va, &plan->text);
    frames_bias(plan, 0);
}

void relay_leave(struct plan *plan) {
    leave_by(plan, plan->back_va);
}

// A relay leads to its target from anywhere.
bool relay_exit(struct plan *plan, uint64_t from_va, uint64_t target,
                enum arrival arrival) {
    struct exit exit = {from_va, target, 0, (uint8_t)arrival, false};
    if (!plan->by_relay || plan->bias != 0 || !way_may_spill_at(plan, target) ||
        !window_lets_pass(plan, from_va, target, arrival))
        return false;
    for (size_t i = plan->exit_count; i > 0 && exit.relay_va == 0; i--)
        if (plan->exits[i - 1].target == target)
            exit.relay_va = plan->exits[i - 1].relay_va;
    exit.is_shared = exit.relay_va != 0;
    if (!exit.is_shared)
        exit.relay_va = take_relay(plan, target, back_len(plan));
    if (exit.relay_va == 0)
        return false;
    *ARENA_PUSH(plan->arena, plan->exits, plan->exit_count, plan->exit_room) =
        exit;
    leave_by(plan, exit.relay_va);
    return true;
}

bool relay_holds(const struct plan *plan, uint64_t from_va) {
    for (size_t i = 0; i < plan->exit_count; i++)
        if (plan->exits[i].from_va == from_va)
            return true;
    return false;
}

static void patch_exit(struct plan *plan, const struct exit *exit) {
    struct bytes code = {.arena = plan->arena, .order = plan->arch->order};
    ways_enter_mode(plan, program_mode_at(plan->program, exit->from_va));
    plan->arch->restore(spilled(plan), 0, &code);
    patch_jump(plan, &code, exit->relay_va + code.n, exit->target, plan->near);
    if (!plan->failed)
        patch_add(plan, exit->relay_va, code.p, code.n);
}

void relay_patch_exits(struct plan *plan) {
    for (size_t i = 0; i < plan->exit_count && !plan->failed; i++) {
        const struct exit *exit = &plan->exits[i];
        if (window_must_send(plan, exit->from_va, exit->target,
                             (enum arrival)exit->arrival)) {
            diag_error_at(plan->diag, R_ROOM, plan->program->image->path.p,
                          "the branch at 0x%llx, which was moved, does not "
                          "reach what is added for 0x%llx",
                          (unsigned long long)exit->from_va,
                          (unsigned long long)exit->target);
            plan->failed = true;
        }
        if (!exit->is_shared)
            patch_exit(plan, exit);
    }
}

void relay_patch(struct plan *plan, const struct window *window) {
    const struct arch *arch = plan->arch;
    struct bytes in = {.arena = plan->arena, .order = arch->order};
    struct bytes back = {.arena = plan->arena, .order = arch->order};
    if (window->relay_va != 0) {
        if (window->flags & WINDOW_SPILLS)
            arch->save(spilled(plan), 0, &in);
        patch_jump(plan, &in, window->relay_va + in.n,
                   plan->text_va + window->text_off, window->relay);
    }
    if (window->back_va != 0) {
        arch->restore(spilled(plan), 0, &back);
        patch_jump(plan, &back, window->back_va + back.n,
                   window->va + window->len, plan->near);
    }
    if (!plan->failed && in.n > 0)
        patch_add(plan, window->relay_va, in.p, in.n);
    if (!plan->failed && back.n > 0)
        patch_add(plan, window->back_va, back.p, back.n);
}

// --- sites ----------------------------------------------------------------

// What an island may be made of lies within reach of the shortest jump.
static void widen(struct plan *plan) {
    const struct program *program = plan->program;
    const struct function *end = program->functions + program->function_count;
    if (plan->short_jump == NULL || !plan->ends_whole)
        return;
    uint64_t low_va = plan->lo_va + (uint64_t)plan->short_jump->min;
    uint64_t high_va = plan->hi_va + (uint64_t)plan->short_jump->max;
    for (const struct function *function = plan->function;
         function > program->functions &&
         plan_may_join(plan, function - 1, low_va, plan->lo_va);
         function--)
        plan->lo_va = function[-1].va;
    for (const struct function *function = plan->function; function < end;
         function++)
        if (function->va >= plan->hi_va) {
            if (!plan_may_join(plan, function, plan->hi_va, high_va))
                return;
            plan->hi_va = function->va + function->len;
        }
}

// The ways into a window's trampoline and back, where they need relays.
static bool take_ways(struct plan *plan, struct window *window) {
    struct stretch stretch;
    stretch_from(&stretch, window);
    bool may_spill = way_may_spill(plan, &stretch);
    uint64_t from_va = window->island_va ? window->island_va : window->va;
    uint64_t len = plan->far->len;
    if (!(window->flags & WINDOW_UNENTERED)) {
        window->relay = way_far(plan, window->va);
        if (window->relay == NULL) {
            window->flags |= WINDOW_SPILLS;
            window->relay = plan->far;
            len = spilled_len(plan);
        }
        window->relay_va = take_relay(plan, from_va, len);
        if (window->relay_va == 0 ||
            ((window->flags & WINDOW_SPILLS) && !may_spill))
            return false;
    }
    if (!(window->flags & WINDOW_OPEN) || way_far(plan, stretch.end_va))
        return true;
    window->back_va = take_relay(plan, stretch.end_va, back_len(plan));
    return window->back_va != 0 && may_spill;
}

static bool take_relays(struct plan *plan) {
    for (size_t i = 0; i < plan->local_count; i++) {
        struct window *window = &plan->local[i];
        if (!(window->flags & WINDOW_SETTLED) && !take_ways(plan, window))
            return false;
    }
    return true;
}

static bool try_place(struct plan *plan) {
    plan->local_count = 0;
    window_load_settled(plan);
    plan_places(plan);
    return plan->here->reached && take_relays(plan);
}

static void reach_place(struct plan *plan, struct place *place) {
    plan->hi_va = 0;
    plan_enter_piece(plan, place->va);
    if (plan->far == NULL)
        return;
    keep_stock(plan, place->va);
    plan->hi_va = 0;
    plan_enter_piece(plan, place->va);
    ways_by_relay(plan);
    widen(plan);
    plan->here = place;
    plan->here_count = 1;
    window_unbar(plan);
    struct before before = plan_begin_piece(plan);
    for (int round = 0; round < RELAY_ROUNDS && try_place(plan); round++) {
        if (plan_emit(plan)) {
            window_keep_late(plan, LATE_SITES);
            return;
        }
        plan_take_back(plan, &before);
    }
    plan_take_back(plan, &before);
    place->reached = false;
    if (place->reason == NULL)
        place->reason = "no room for a far jump within reach";
}

void relay_places(struct plan *plan) {
    for (size_t i = 0; i < plan->place_count && !plan->failed; i++)
        if (is_lacking(&plan->places[i]))
            reach_place(plan, &plan->places[i]);
    window_merge_late(plan);
    plan->by_relay = false;
}
