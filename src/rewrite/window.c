// window.c: runs of instructions that a jump in place may cover.
//
// A stretch grows instruction by instruction from a place, forwards and back,
// until a jump fits. What it may never do is cover an address at which control
// may arrive by other ways than from the instruction before, unless those ways
// are branches that are sent elsewhere:
//
//     before:  55        push %rbp       after:  e9 ....   jmp trampoline
//              48 89 e5  mov %rsp,%rbp           (1 byte, never executed)
//              31 c0     xor %eax,%eax
//              74 05     je ...                  74 05     je ...
//
// Where a stretch meets a window of the function it takes that over whole, so
// that windows never overlap and sites close to each other share one.

#include "rewrite/plan.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static bool is_barred(const struct plan *plan, uint64_t va) {
    for (size_t i = 0; i < plan->barred_count; i++)
        if (plan->barred[i] == va)
            return true;
    return false;
}

void window_bar(struct plan *plan, uint64_t va) {
    *ARENA_PUSH(plan->arena, plan->barred, plan->barred_count,
                plan->barred_room) = va;
    plan->cache[va & (PLAN_CACHE - 1)].len = 0;
}

void window_unbar(struct plan *plan) {
    for (size_t i = 0; i < plan->barred_count; i++)
        plan->cache[plan->barred[i] & (PLAN_CACHE - 1)].len = 0;
    plan->barred_count = 0;
}

// Whether the bytes are an instruction for certain, and no other one's.
static bool may_change(const struct program *program, const struct insn *insn) {
    return (program_is_shown(program, insn->va) ||
            program_is_filler(program, insn->va)) &&
           !program_overlaps(program, insn->va, insn->len);
}

bool window_decode(struct plan *plan, uint64_t va, struct insn *insn) {
    struct insn *slot = &plan->cache[va & (PLAN_CACHE - 1)];
    if (slot->va != va || slot->len == 0) {
        if (!program_decode(plan->program, va, slot)) {
            slot->len = 0;
            return false;
        }
        slot->va = va;
        if (is_barred(plan, va) || !may_change(plan->program, slot))
            slot->flags |= INSN_IMMOVABLE;
    }
    *insn = *slot;
    return insn->kind != INSN_UNKNOWN;
}

bool window_is_target(const struct plan *plan, uint64_t va) {
    return plan->rigid || program_is_target(plan->program, va);
}

static uint64_t insn_before(struct plan *plan, uint64_t va, struct insn *insn) {
    // Code may begin at address 0.
    for (uint64_t at = va; at > plan->lo_va && va - at < plan->arch->max_insn;)
        if (program_is_insn(plan->program, --at))
            return window_decode(plan, at, insn) && at + insn->len == va ? at
                                                                         : 0;
    return 0;
}

bool window_is_closed_before(struct plan *plan, uint64_t va,
                             uint64_t *padding_va) {
    struct insn insn;
    uint64_t at = insn_before(plan, va, &insn);
    *padding_va = va;
    while (at != 0 && (insn.flags & INSN_PADDING) && insn.kind == INSN_PLAIN &&
           !window_is_target(plan, at)) {
        *padding_va = at;
        at = insn_before(plan, at, &insn);
    }
    return at != 0 && program_is_shown(plan->program, at) &&
           (insn.kind == INSN_JUMP || insn.kind == INSN_RETURN ||
            insn.kind == INSN_JUMP_INDIRECT);
}

static bool may_cross(const struct plan *plan, uint64_t va, unsigned grow) {
    if (!window_is_target(plan, va))
        return true;
    return (grow & GROW_TARGETS) && !plan->rigid &&
           program_is_direct_target_only(plan->program, va);
}

static uint8_t flags_after(const struct insn *insn) {
    switch (insn->kind) {
    case INSN_PLAIN:
    case INSN_JUMP_COND:
    case INSN_JUMP_INDIRECT_COND:
    case INSN_RETURN_COND:
    case INSN_SYSCALL: return WINDOW_OPEN;
    case INSN_CALL:
    case INSN_CALL_INDIRECT: return WINDOW_ENDS_CALL;
    default: return 0;
    }
}

// A target in the middle of an instruction (code jumps over lock prefixes)
// holds that instruction where it is.
static bool is_movable(const struct plan *plan, const struct insn *insn,
                       unsigned grow) {
    uint64_t end_va = insn->va + insn->len;
    if ((insn->flags & (INSN_IMMOVABLE | INSN_LANDING)) ||
        end_va > plan->hi_va ||
        program_has_target_within(plan->program, insn->va, end_va))
        return false;
    switch (insn->kind) {
    case INSN_CALL:
    case INSN_CALL_INDIRECT: return grow & GROW_CALL;
    case INSN_SYSCALL: return grow & GROW_SYSCALL;
    case INSN_UNKNOWN: return false;
    default: return true;
    }
}

// Whether the instruction at va is in a window that stays as it is, or its
// shots are.
static bool is_settled(struct plan *plan, uint64_t va) {
    const struct window *window = window_at(plan, va);
    return window && (window->flags & WINDOW_SETTLED);
}

bool stretch_begin(struct plan *plan, struct stretch *stretch, uint64_t va,
                   unsigned grow) {
    struct insn insn;
    if (is_settled(plan, va) || !window_decode(plan, va, &insn) ||
        !is_movable(plan, &insn, grow))
        return false;
    *stretch = (struct stretch){va, va + insn.len, flags_after(&insn)};
    return true;
}

void stretch_from(struct stretch *stretch, const struct window *window) {
    *stretch = (struct stretch){
        window->va, window->va + window->len,
        window->flags & (WINDOW_OPEN | WINDOW_ENDS_CALL | WINDOW_TAIL)};
}

// Index of the first window of the function that starts at or behind va.
static size_t local_index(const struct plan *plan, uint64_t va) {
    size_t low;
    LOWER_BOUND(low, plan->local_count, plan->local[low].va < va);
    return low;
}

struct window *window_before(struct plan *plan, uint64_t va) {
    size_t i = local_index(plan, va + 1);
    return i > 0 ? &plan->local[i - 1] : NULL;
}

struct window *window_at(struct plan *plan, uint64_t va) {
    struct window *window = window_before(plan, va);
    if (window == NULL)
        return NULL;
    if (va < window->va + window->len)
        return window;
    // The window before may end where this one would begin.
    if (va == window->va + window->len && (window->flags & WINDOW_TAIL))
        return window;
    return NULL;
}

bool stretch_forward(struct plan *plan, struct stretch *stretch,
                     unsigned grow) {
    if (!(stretch->flags & WINDOW_OPEN) || stretch->end_va >= plan->hi_va ||
        !may_cross(plan, stretch->end_va, grow))
        return false;
    size_t i = local_index(plan, stretch->end_va);
    if (i < plan->local_count && plan->local[i].va == stretch->end_va) {
        struct stretch next;
        if (plan->local[i].flags & (WINDOW_UNENTERED | WINDOW_SETTLED))
            return false;
        stretch_from(&next, &plan->local[i]);
        stretch->end_va = next.end_va;
        stretch->flags = next.flags;
        return true;
    }
    struct insn insn;
    if (!window_decode(plan, stretch->end_va, &insn) ||
        !is_movable(plan, &insn, grow))
        return false;
    // The shots of a tail are the new instruction's own now.
    stretch->end_va += insn.len;
    stretch->flags = flags_after(&insn);
    return true;
}

bool stretch_backward(struct plan *plan, struct stretch *stretch,
                      unsigned grow) {
    if (!may_cross(plan, stretch->va, grow))
        return false;
    struct window *window =
        stretch->va > 0 ? window_before(plan, stretch->va - 1) : NULL;
    if (window != NULL && window->va + window->len == stretch->va) {
        if (!(window->flags & WINDOW_OPEN) ||
            (window->flags & (WINDOW_UNENTERED | WINDOW_SETTLED)))
            return false;
        stretch->va = window->va;
        return true;
    }
    // Padding that nothing comes by is not code but room; see space.c.
    uint64_t padding_va;
    if (window_is_closed_before(plan, stretch->va, &padding_va))
        return false;
    uint64_t va = program_previous_insn(plan->program, stretch->va);
    struct insn insn;
    if (va == 0 || va < plan->lo_va || !window_decode(plan, va, &insn) ||
        va + insn.len != stretch->va ||
        !is_movable(plan, &insn, grow & ~GROW_CALL) ||
        !(flags_after(&insn) & WINDOW_OPEN))
        return false;
    if ((window != NULL && window->va + window->len > va) ||
        is_settled(plan, va))
        return false;
    stretch->va = va;
    return true;
}

bool stretch_takes_call(struct plan *plan, const struct stretch *stretch) {
    const struct abi *abi = &plan->arch->abi;
    regset scratch = REG_BIT(abi->scratch), touched = 0;
    regset link = regset_of(abi->link);
    bool uses_sp = false;
    struct insn insn = {0};
    for (uint64_t va = stretch->va; va < stretch->end_va; va += insn.len) {
        if (!window_decode(plan, va, &insn))
            return false;
        if (va + insn.len == stretch->end_va)
            break;
        if (insn.kind != INSN_PLAIN)
            return false; // it would leave with the return address pushed
        touched |= insn.reads | insn.clobbers;
        uses_sp |= (insn.flags & INSN_USES_SP) != 0;
    }
    if (insn.flags & INSN_CONDITIONAL)
        return false;
    bool switches = insn.flags & INSN_SWITCHES;
    if (insn.kind == INSN_CALL_INDIRECT || switches) {
        struct bytes probe;
        bytes_init(&probe, plan->arena, plan->arch->order);
        if (plan->arch->call_to_jump == NULL ||
            !plan->arch->call_to_jump(&insn, plan->text_va, (int32_t)plan->word,
                                      &probe))
            return false;
    }
    // The call in place sets the link register before it is used.
    if ((insn.reads & link) || (insn.flags & INSN_OWN_LINK))
        return false;
    if (insn.va == stretch->va)
        return true;
    if ((touched & link) || program_red_zone_live(plan->program, stretch->va))
        return false;
    // Where sp matters the return address waits in the scratch register.
    return !uses_sp ||
           (!((touched | insn.reads) & scratch) &&
            !(program_live_before(plan->program, insn.va) & scratch));
}

// What has been promised of a window holds of one that it becomes part of.
static void keep_promises(struct window *window, const struct window *part) {
    window->flags |= part->flags & WINDOW_LABELS;
    if (part->hosted_va != 0 &&
        (window->hosted_va == 0 || part->hosted_va < window->hosted_va))
        window->hosted_va = part->hosted_va;
}

struct window *window_commit(struct plan *plan, const struct stretch *stretch,
                             enum tactic tactic) {
    struct window window = {.va = stretch->va,
                            .len = (uint32_t)(stretch->end_va - stretch->va),
                            .tactic = (uint8_t)tactic,
                            .flags = stretch->flags};
    size_t from = local_index(plan, stretch->va), to = from;
    assert(from == 0 ||
           plan->local[from - 1].va + plan->local[from - 1].len <= stretch->va);
    // Shots that ran at the end of the one before now run here.
    if (from > 0 &&
        plan->local[from - 1].va + plan->local[from - 1].len == stretch->va)
        plan->local[from - 1].flags &= (uint8_t)~WINDOW_TAIL;
    while (to < plan->local_count && plan->local[to].va < stretch->end_va) {
        assert(!(plan->local[to].flags & WINDOW_SETTLED));
        keep_promises(&window, &plan->local[to]);
        to++;
    }
    if (to == from) {
        (void)ARENA_PUSH(plan->arena, plan->local, plan->local_count,
                         plan->local_room);
        memmove(&plan->local[from + 1], &plan->local[from],
                (plan->local_count - 1 - from) * sizeof window);
    } else {
        memmove(&plan->local[from + 1], &plan->local[to],
                (plan->local_count - to) * sizeof window);
        plan->local_count -= to - from - 1;
    }
    plan->local[from] = window;
    return &plan->local[from];
}

struct windows window_save(struct plan *plan) {
    if (plan->saved_room < plan->local_count) {
        plan->saved_room = plan->local_count * 2;
        plan->saved = ARENA_ARRAY(plan->arena, struct window, plan->saved_room);
    }
    if (plan->local_count > 0)
        memcpy(plan->saved, plan->local,
               plan->local_count * sizeof *plan->saved);
    return (struct windows){plan->saved, plan->local_count};
}

void window_restore(struct plan *plan, const struct windows *saved) {
    if (saved->count > 0)
        memcpy(plan->local, saved->items, saved->count * sizeof *saved->items);
    plan->local_count = saved->count;
}

static const struct window *find_in(const struct window *windows, size_t count,
                                    uint64_t va) {
    size_t low;
    LOWER_BOUND(low, count, windows[low].va <= va);
    for (size_t i = low; i > 0 && low - i < 2; i--) {
        const struct window *window = &windows[i - 1];
        uint64_t end = window->va + window->len;
        if (va < end || (va == end && (window->flags & WINDOW_TAIL)))
            return window;
    }
    return NULL;
}

const struct window *window_find(const struct plan *plan, uint64_t va) {
    const struct window *window =
        find_in(plan->windows, plan->window_count, va);
    for (int i = 0; i < LATE_LISTS && window == NULL; i++)
        window = find_in(plan->late[i].items, plan->late[i].count, va);
    return window;
}

static void load_from(struct plan *plan, const struct window *windows,
                      size_t count) {
    size_t i;
    LOWER_BOUND(i, count, windows[i].va + windows[i].len < plan->lo_va);
    for (; i < count && windows[i].va < plan->hi_va; i++) {
        size_t at = plan->local_count;
        (void)ARENA_PUSH(plan->arena, plan->local, plan->local_count,
                         plan->local_room);
        for (; at > 0 && plan->local[at - 1].va > windows[i].va; at--)
            plan->local[at] = plan->local[at - 1];
        plan->local[at] = windows[i];
        plan->local[at].flags |= WINDOW_SETTLED;
    }
}

void window_load_settled(struct plan *plan) {
    load_from(plan, plan->windows, plan->window_count);
    for (int i = 0; i < LATE_LISTS; i++)
        load_from(plan, plan->late[i].items, plan->late[i].count);
}

// They mostly come in the order of their addresses.
void window_keep_late(struct plan *plan, enum late_list list) {
    struct window_list *late = &plan->late[list];
    for (size_t i = 0; i < plan->local_count; i++) {
        const struct window *window = &plan->local[i];
        if (window->flags & WINDOW_SETTLED)
            continue;
        size_t at = late->count;
        (void)ARENA_PUSH(plan->arena, late->items, late->count, late->room);
        for (; at > 0 && late->items[at - 1].va > window->va; at--)
            late->items[at] = late->items[at - 1];
        late->items[at] = *window;
    }
}

static int compare_windows(const void *a, const void *b) {
    const struct window *x = a, *y = b;
    return x->va < y->va ? -1 : x->va > y->va;
}

void window_merge_late(struct plan *plan) {
    size_t count = plan->window_count;
    for (int i = 0; i < LATE_LISTS; i++) {
        for (size_t k = 0; k < plan->late[i].count; k++)
            *ARENA_PUSH(plan->arena, plan->windows, plan->window_count,
                        plan->window_room) = plan->late[i].items[k];
        plan->late[i].count = 0;
    }
    if (plan->window_count > count)
        qsort(plan->windows, plan->window_count, sizeof *plan->windows,
              compare_windows);
}

// Whether both addresses belong to one function and its parts.
static bool same_function(const struct plan *plan, uint64_t a, uint64_t b) {
    const struct function *f = program_function_at(plan->program, a);
    const struct function *g = program_function_at(plan->program, b);
    if (f == NULL || g == NULL)
        return false;
    return (f->parent ? f->parent : f) == (g->parent ? g->parent : g);
}

static const struct label *find_label(const struct window *window,
                                      uint64_t target) {
    for (uint32_t i = 0; i < window->label_count; i++)
        if (window->va + window->labels[i].off == target)
            return &window->labels[i];
    return NULL;
}

// Whether a branch is a loop back to shots that it must not fire.
static bool loops_back(const struct plan *plan, const struct label *label,
                       uint64_t from_va, uint64_t target,
                       enum arrival arrival) {
    return arrival == ARRIVE_BY_BRANCH && label->body != label->start &&
           same_function(plan, from_va, target);
}

bool window_must_send(const struct plan *plan, uint64_t from_va,
                      uint64_t target, enum arrival arrival) {
    const struct window *window = window_find(plan, target);
    const struct label *label = window ? find_label(window, target) : NULL;
    if (label == NULL)
        return false;
    return label->off != 0 || (window->flags & WINDOW_UNENTERED) ||
           loops_back(plan, label, from_va, target, arrival);
}

bool window_lets_pass(struct plan *plan, uint64_t from_va, uint64_t target,
                      enum arrival arrival) {
    const struct place *place = place_at(plan, target);
    const struct window *window = window_at(plan, target);
    bool loops = arrival == ARRIVE_BY_BRANCH && place != NULL &&
                 fill_has(plan, place, SHOT_LEADING) &&
                 same_function(plan, from_va, target);
    bool is_covered =
        window != NULL && target < window->va + window->len &&
        (target != window->va || (window->flags & WINDOW_UNENTERED));
    return !loops && !is_covered &&
           !window_must_send(plan, from_va, target, arrival);
}

uint64_t window_label(const struct plan *plan, uint64_t from_va,
                      uint64_t target, enum arrival arrival) {
    const struct window *window = window_find(plan, target);
    if (window == NULL) {
        // A landing pad stays in place; the window stands behind it. One that
        // signs the return address may not be passed by.
        struct insn insn;
        if (!program_decode(plan->program, target, &insn) ||
            !(insn.flags & INSN_LANDING) || insn.clobbers != 0)
            return 0;
        target += insn.len;
        window = window_find(plan, target);
        if (window == NULL || window->va != target)
            return 0;
    }
    if ((window->flags & WINDOW_BY_CALL))
        return 0;
    const struct label *label = find_label(window, target);
    if (label == NULL)
        return 0;
    bool loops = loops_back(plan, label, from_va, target, arrival);
    return plan->text_va + (loops ? label->body : label->start);
}
