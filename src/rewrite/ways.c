// ways.c: how to jump where what is added may be far.
//
// Mostly one jump of the machine reaches everything. Where the longest one that
// changes no register is too short for the image, there may be longer ones by
// way of a register:
//
//     jal   trampoline              within 1 MB
//     auipc t6,..; jr ..(t6)        within 2 GB, where t6 is dead
//
// (or b, within 128 MB, and adrp x16; add x16; br x16).
//
// Functions near enough to what is added do with the first. Text is written in
// the order of the functions, so that where it ends by now tells how far away
// the trampolines of the function at hand will be. Elsewhere windows must be
// longer, and begin and end where some such register is dead.

#include "rewrite/plan.h"

// What a piece may add to the text, at first: where it turns out to be more it
// is worked on again.
#define PIECE_TEXT (128 << 10)

// Jumps by way of a register lead to no landing pads.
static bool is_usable(const struct plan *plan, const struct reach *reach) {
    return reach->clobbers == 0 || !plan->program->image->is_guarded;
}

// How far the longest way to jump leads.
static uint64_t longest_reach(const struct plan *plan) {
    const struct arch *arch = plan->arch;
    uint64_t longest = 0;
    for (uint8_t i = 0; i < arch->jump_count; i++)
        if (is_usable(plan, &arch->jumps[i]) &&
            (uint64_t)arch->jumps[i].max > longest)
            longest = (uint64_t)arch->jumps[i].max;
    return longest;
}

static uint64_t span_of(const struct plan *plan) {
    const struct image *image = plan->program->image;
    uint64_t low = plan->text_va, high = plan->result->room.rodata_va;
    // Small memories: code that is copied to RAM may be out of reach.
    for (size_t i = 0; i < image->code_count; i++) {
        const struct segment *code = &image->code[i];
        if (image->is_bare &&
            !bare_reaches(plan, code->va, longest_reach(plan)))
            continue;
        if (code->va < low)
            low = code->va;
        if (code->va + code->mem_len > high)
            high = code->va + code->mem_len;
    }
    return high - low;
}

static void choose_of(struct plan *plan, int64_t span) {
    plan->jump = plan->short_jump = plan->near = plan->far = NULL;
    for (uint8_t i = 0; i < plan->arch->jump_count; i++) {
        const struct reach *reach = &plan->arch->jumps[i];
        bool reaches = reach->max > span && reach->min < -span;
        if (!is_usable(plan, reach))
            break;
        if (reach->is_absolute && plan->program->image->is_relocatable)
            continue;
        if (reach->clobbers == 0 && plan->short_jump == NULL)
            plan->short_jump = reach;
        if (reach->clobbers == 0)
            plan->near = reach;
        if (reaches && reach->clobbers != 0)
            plan->far = reach;
        if (reaches) {
            plan->jump = plan->near;
            break;
        }
    }
    if (plan->short_jump == plan->jump)
        plan->short_jump = NULL;
}

// Of what can be reached by the jumps at hand some is left for what comes
// behind the code of functions.
static void limit_text(struct plan *plan) {
    const struct image *image = plan->program->image;
    uint64_t low_va = image->code_count ? image->code[0].va : plan->text_va;
    if (plan->near == NULL || plan->far != NULL || image->is_bare)
        return;
    uint64_t end_va = low_va + (uint64_t)plan->near->max;
    uint64_t room = end_va > plan->text_va ? end_va - plan->text_va : 0;
    if (end_va - room / 16 < plan->text_limit_va)
        plan->text_limit_va = end_va - room / 16;
}

bool ways_choose(struct plan *plan) {
    int64_t span = (int64_t)span_of(plan);
    plan->text_limit_va = UINT64_MAX;
    for (unsigned mode = 0; mode < (plan->arch->modes ? 2 : 0); mode++) {
        plan->arch = plan->stencil_arch->modes[mode];
        choose_of(plan, span);
        limit_text(plan);
        plan->jumps[mode] = (struct plan_jumps){plan->jump, plan->short_jump,
                                                plan->near, plan->far};
    }
    plan->arch = plan->stencil_arch;
    choose_of(plan, span);
    limit_text(plan);
    if (plan->jump == NULL)
        diag_error_at(plan->diag, R_ROOM, plan->program->image->path.p,
                      "no jump reaches from the code to what is added");
    return plan->jump != NULL;
}

void ways_enter_mode(struct plan *plan, unsigned mode) {
    if (plan->arch->modes == NULL)
        return;
    // The piece's own ways are there again when this mode is entered anew.
    plan->jumps[plan->arch->mode] = (struct plan_jumps){
        plan->jump, plan->short_jump, plan->near, plan->far};
    plan->arch = arch_in_mode(plan->arch, mode);
    plan->jump = plan->jumps[mode].jump;
    plan->short_jump = plan->jumps[mode].short_jump;
    plan->near = plan->jumps[mode].near;
    plan->far = plan->jumps[mode].far;
}

bool way_spans(const struct reach *reach, uint64_t from_va, uint64_t to_va) {
    int64_t distance = (int64_t)(to_va - from_va);
    return distance >= reach->min && distance <= reach->max;
}

// Whether the nearest jump leads from all of the piece to an address: from its
// begin, and from islands before that.
static bool nears(const struct plan *plan, uint64_t to_va) {
    const struct reach *shortest = &plan->arch->jumps[0];
    uint64_t from_va = plan->lo_va;
    if (shortest != plan->near)
        from_va += (uint64_t)shortest->min;
    return way_spans(plan->near, from_va, to_va);
}

void ways_enter_piece(struct plan *plan) {
    plan->by_relay = false;
    if (plan->far == NULL)
        return;
    const struct reach *shortest = &plan->arch->jumps[0];
    if (plan->piece_text == 0)
        plan->piece_text = PIECE_TEXT;
    plan->farthest_va = plan_text_end(plan) + plan->piece_text;
    bool is_near = nears(plan, plan->farthest_va);
    plan->jump = is_near ? plan->near : plan->far;
    plan->short_jump = !is_near                 ? plan->near
                       : shortest != plan->near ? shortest
                                                : NULL;
}

// Where nobody has set them yet, from the program's first instruction on, there
// is nothing in registers that are given nothing by the ABI.
static regset unset_at(struct plan *plan, uint64_t live_va) {
    enum { MOST = 8 };
    regset unset = plan->arch->abi.temporaries;
    uint64_t va = plan->start_va;
    struct insn insn;
    if (!plan->program->image->is_bare)
        return 0;
    for (int i = 0; i < MOST && va < live_va; i++) {
        if (!window_decode(plan, va, &insn) || insn.kind != INSN_PLAIN)
            return 0;
        unset &= ~insn.clobbers;
        va += insn.len;
    }
    return va == live_va ? unset : 0;
}

// A register that is dead at live_va, for a jump of `len` bytes.
static const struct reach *find_far(struct plan *plan, uint64_t live_va,
                                    unsigned len) {
    const struct arch *arch = plan->arch;
    regset asked = 0;
    for (uint8_t i = 0; i < arch->jump_count; i++)
        if (arch->jumps[i].len == len)
            asked |= arch->jumps[i].clobbers;
    asked &= ~unset_at(plan, live_va);
    regset live = asked ? program_live_among(plan->program, live_va, asked) : 0;
    live |= program_asked_at(plan->program, live_va);
    for (uint8_t i = 0; i < arch->jump_count; i++) {
        const struct reach *reach = &arch->jumps[i];
        if (reach->len == len && reach->clobbers != 0 &&
            !(reach->clobbers & live))
            return reach;
    }
    return NULL;
}

const struct reach *way_between(struct plan *plan, uint64_t from_va,
                                uint64_t to_va, uint64_t live_va,
                                unsigned most) {
    if (plan->far == NULL || way_spans(plan->near, from_va, to_va))
        return plan->near;
    return plan->far->len <= most ? find_far(plan, live_va, plan->far->len)
                                  : NULL;
}

const struct reach *way_into(struct plan *plan, uint64_t va) {
    if (plan->jump->clobbers == 0)
        return plan->jump;
    return find_far(plan, va, plan->jump->len);
}

const struct reach *way_far(struct plan *plan, uint64_t va) {
    return find_far(plan, va, plan->far->len);
}

bool way_may_spill_at(const struct plan *plan, uint64_t va) {
    return way_may_spill(plan, &(struct stretch){va, va, 0});
}

bool way_may_spill(const struct plan *plan, const struct stretch *stretch) {
    for (size_t i = 0; i < plan->stackless_count; i++)
        if (stretch->va <= plan->stackless[i].last_va &&
            stretch->end_va >= plan->stackless[i].first_va)
            return false;
    // A store gives up a reservation.
    return plan->arch->abi.red_zone == 0 &&
           !program_is_reserved(plan->program, stretch->va) &&
           !program_is_reserved(plan->program, stretch->end_va);
}

void ways_by_relay(struct plan *plan) {
    const struct reach *shortest = &plan->arch->jumps[0];
    plan->by_relay = true;
    plan->jump = plan->near;
    plan->short_jump = shortest != plan->near ? shortest : NULL;
}

void ways_far(struct plan *plan) {
    plan->jump = plan->far;
    plan->short_jump = plan->near;
}

// A call goes by way of the link, which it changes anyway.
static bool is_entered(struct plan *plan, const struct stretch *stretch) {
    bool by_call = (stretch->flags & WINDOW_ENDS_CALL) &&
                   stretch_takes_call(plan, stretch) &&
                   plan->arch->abi.link != REG_NONE &&
                   stretch->end_va - stretch->va >= plan->jump->len;
    return by_call || way_into(plan, stretch->va) != NULL;
}

// A load-linked and its store-conditional go to the trampoline together if they
// can: a jump in between does no harm to a reservation, but manuals promise
// success only to loops that have none.
static void keep_together(struct plan *plan, struct stretch *stretch) {
    struct stretch whole = *stretch;
    while ((whole.flags & WINDOW_OPEN) &&
           program_is_reserved(plan->program, whole.end_va))
        if ((whole.flags & WINDOW_TAIL) ||
            !stretch_forward(plan, &whole, GROW_PLAIN))
            return;
    while (program_is_reserved(plan->program, whole.va))
        if (!stretch_backward(plan, &whole, GROW_PLAIN))
            return;
    *stretch = whole;
}

bool way_is_open(struct plan *plan, struct stretch *stretch) {
    keep_together(plan, stretch);
    if (plan->by_relay)
        return way_may_spill(plan, stretch) ||
               (way_far(plan, stretch->va) &&
                (!(stretch->flags & WINDOW_OPEN) ||
                 way_far(plan, stretch->end_va)));
    if (plan->jump->clobbers == 0)
        return true;
    if (!is_entered(plan, stretch))
        return false;
    while ((stretch->flags & WINDOW_OPEN) && !way_into(plan, stretch->end_va))
        if ((stretch->flags & WINDOW_TAIL) ||
            !stretch_forward(plan, stretch, GROW_PLAIN))
            return false;
    return true;
}

uint64_t way_farthest(const struct plan *plan) {
    return plan->far ? plan->farthest_va : plan->text_va;
}

bool way_nears_text(const struct plan *plan, const struct window *window) {
    uint64_t va = plan->text_va + window->text_off;
    return plan->far == NULL ||
           (way_spans(plan->near, va, plan->farthest_va) &&
            way_spans(plan->near, va + window->text_len, plan_text_end(plan)));
}

// A piece that functions before it were joined to begins farther away.
bool ways_kept(struct plan *plan) {
    uint64_t end_va = plan_text_end(plan);
    if (plan->far == NULL)
        return true;
    bool is_within = end_va <= plan->farthest_va;
    if (!is_within)
        plan->piece_text *= 2;
    return is_within && (plan->jump->clobbers != 0 || nears(plan, end_va));
}

// The rest of the places are taken to be like those that are done.
bool ways_want_room(struct plan *plan) {
    size_t done = (size_t)(plan->here - plan->places);
    uint64_t each = plan->text.n / (done ? done : 1);
    uint64_t rest = each * (plan->place_count - done);
    if (longest_reach(plan) <= (uint64_t)plan->near->max)
        return false;
    plan->wanted_text = plan->text.n + rest + rest / 8;
    if (plan->wanted_text < (uint64_t)plan->near->max)
        plan->wanted_text = (uint64_t)plan->near->max;
    return true;
}
