// trampoline.c: the code that windows lead to.
//
// Instruction by instruction: shots that fire before it, the instruction as it
// must read at its new address, shots that fire behind it; then the jump back,
// or the function's way out itself where nothing else is left of it.
// A call is the last instruction of its window and is replaced, in place, by
// a call of the trampoline that ends where it ended, so that the return
// address, and the processor's notion of it, stay what they were:
//
//     sub  $8,%rsp           call trampoline      trampoline:
//     call f                                        (stencil)
//     next:                  next:                  pop  %r11    sp matters,
//                                                   sub  $8,%rsp  r11 is dead
//                                                   push %r11
//                                                   jmp  f
//
// Where that cannot be, the original return address is pushed before a jump.

#include "rewrite/plan.h"

#include <limits.h>
#include <string.h>

// What is jumped over is written until its length is what was jumped over.
#define SKIP_ROUNDS 4

struct mark trampoline_mark(const struct plan *plan) {
    return (struct mark){
        .text = plan->text.n,
        .moved = plan->moved_count,
        .locks = plan->lock_count,
        .deferred = plan->deferred_count,
        .relocs = plan->reloc_count,
        .rows = plan->row_count,
        .symbols = plan->symbol_count,
        .frames = plan->frame_count,
        .pools = plan->pool_count,
        .pool_first = plan->pool_first,
        .veneer_rows = plan->veneers.row_count,
        .like_va = plan->like_va,
        .bias = plan->bias,
    };
}

void trampoline_return(struct plan *plan, const struct mark *mark) {
    plan->text.n = mark->text;
    plan->moved_count = mark->moved;
    plan->lock_count = mark->locks;
    plan->deferred_count = mark->deferred;
    plan->reloc_count = mark->relocs;
    plan->row_count = mark->rows;
    plan->symbol_count = mark->symbols;
    plan->frame_count = mark->frames;
    plan->pool_count = mark->pools;
    plan->pool_first = mark->pool_first;
    plan->veneers.row_count = mark->veneer_rows;
    plan->like_va = mark->like_va;
    plan->bias = mark->bias;
}

static void note_moved(struct plan *plan, const struct moved *moved) {
    *ARENA_PUSH(plan->arena, plan->moved, plan->moved_count, plan->moved_room) =
        *moved;
}

// A jump out of the text, or to what may turn out to be in it. False: it is too
// far, and no register is free.
static bool jump_to(struct plan *plan, uint64_t from_va, uint64_t target,
                    enum arrival arrival) {
    const struct reach *reach =
        way_between(plan, plan_text_end(plan), target, target, UINT_MAX);
    struct moved moved = {.va = from_va,
                          .target = target,
                          .text_off = (uint32_t)plan->text.n,
                          .arrival = (uint8_t)arrival,
                          .reach = reach};
    if (reach != NULL && !retarget_reaches(plan, &moved))
        moved.reach = reach = plan->far ? way_far(plan, target) : NULL;
    if (reach == NULL)
        return relay_exit(plan, from_va, target, arrival);
    note_moved(plan, &moved);
    plan->arch->jump(reach, plan_text_end(plan), target, &plan->text);
    return true;
}

static bool jump_back(struct plan *plan, uint64_t va) {
    const struct reach *reach =
        way_between(plan, plan_text_end(plan), va, va, UINT_MAX);
    if (reach != NULL) {
        plan->arch->jump(reach, plan_text_end(plan), va, &plan->text);
        return true;
    }
    bool by_relay = plan->back_va != 0 && va == plan->end_va;
    if (by_relay)
        relay_leave(plan);
    return by_relay;
}

// Takes the return address off the stack while sp has its original value.
static void hold_return_address(struct plan *plan) {
    plan->arch->restore(REG_BIT(plan->arch->abi.scratch), 0, &plan->text);
    frames_bias(plan, 0);
    plan->holds_return = true;
}

static bool move_insn(struct plan *plan, const struct insn *insn,
                      int32_t bias) {
    struct moved moved = {.va = insn->va,
                          .target = insn->target,
                          .sp_bias = bias,
                          .text_off = (uint32_t)plan->text.n};
    if (!plan->arch->move(insn, plan_text_end(plan), bias, &plan->text))
        return false;
    if (insn->target != 0 && !retarget_reaches(plan, &moved)) {
        plan->text.n = moved.text_off;
        return false;
    }
    if (insn->target != 0)
        note_moved(plan, &moved);
    return true;
}

// A branch whose target its own form does not reach.
static bool move_far(struct plan *plan, const struct insn *insn) {
    if (insn->kind == INSN_JUMP)
        return jump_to(plan, insn->va, insn->target, ARRIVE_BY_BRANCH);
    struct mark mark = trampoline_mark(plan);
    uint32_t skip_len = plan->far->len;
    for (int round = 0; insn->kind == INSN_JUMP_COND && round < SKIP_ROUNDS;
         round++) {
        if (!plan->arch->skip_unless_taken(insn, skip_len, &plan->text))
            break;
        uint32_t from = (uint32_t)plan->text.n;
        if (!jump_to(plan, insn->va, insn->target, ARRIVE_BY_BRANCH))
            break;
        if (plan->text.n - from == skip_len)
            return true;
        skip_len = (uint32_t)plan->text.n - from;
        trampoline_return(plan, &mark);
    }
    trampoline_return(plan, &mark);
    return false;
}

bool trampoline_move(struct plan *plan, const struct insn *insn) {
    const struct arch *arch = plan->arch;
    // What moves sp, or uses what lies below it, must find it as it was.
    if (plan->bias != 0 && plan->by_call &&
        ((insn->clobbers & REG_BIT(arch->abi.sp)) ||
         (insn->flags & (INSN_SP_VALUE | INSN_BELOW_SP))))
        hold_return_address(plan);
    bool done = move_insn(plan, insn, plan->bias);
    if (!done && plan->bias != 0 && plan->by_call) {
        hold_return_address(plan);
        done = move_insn(plan, insn, 0);
    }
    if (!done && plan->far != NULL)
        done = move_far(plan, insn);
    regset frame = REG_BIT(arch->abi.sp) | REG_BIT(arch->abi.fp);
    if (done && ((insn->flags & INSN_USES_SP) || (insn->clobbers & frame)))
        frames_like(plan, insn->va + insn->len);
    return done;
}

// A call's own way, with the return address in its place.
static bool jump_to_callee(struct plan *plan, const struct insn *insn) {
    const struct arch *arch = plan->arch;
    if (insn->kind == INSN_CALL && !(insn->flags & INSN_SWITCHES))
        return jump_to(plan, insn->va, insn->target, ARRIVE_BY_CALL);
    return arch->call_to_jump != NULL &&
           arch->call_to_jump(insn, plan_text_end(plan), (int32_t)plan->word,
                              &plan->text);
}

static bool emit_call(struct plan *plan, const struct insn *insn) {
    const struct arch *arch = plan->arch;
    uint64_t back_va = insn->va + insn->len;
    uint32_t from = (uint32_t)plan->text.n;
    if (insn->flags & INSN_OWN_LINK)
        return arch->set_link(insn, plan_text_end(plan), &plan->text) &&
               jump_to(plan, insn->va, insn->target, ARRIVE_BY_CALL);
    if (!plan->by_call) {
        if (!arch->push_address(plan_text_end(plan), back_va, &plan->text))
            return false;
    } else if (plan->holds_return) {
        arch->save(REG_BIT(arch->abi.scratch), 0, &plan->text);
    }
    frames_scan(plan, from, (int32_t)plan->word);
    return jump_to_callee(plan, insn);
}

// A call that may not be made: its window was entered by a jump. What else the
// instruction does comes before.
static bool emit_maybe_call(struct plan *plan, const struct insn *insn) {
    const struct arch *arch = plan->arch;
    uint64_t back_va = insn->va + insn->len;
    struct insn head, last;
    uint8_t bytes[64];
    if (arch->split && arch->split(insn, bytes, &head, &last)) {
        if (!trampoline_move(plan, &head))
            return false;
        insn = &last;
    }
    uint32_t skip_len = 0;
    struct mark mark = trampoline_mark(plan);
    for (int round = 0; round < SKIP_ROUNDS; round++) {
        trampoline_return(plan, &mark);
        if (!arch->skip_unless_taken(insn, skip_len, &plan->text))
            return false;
        uint32_t body = (uint32_t)plan->text.n;
        if (!arch->push_address(plan_text_end(plan), back_va, &plan->text) ||
            !jump_to_callee(plan, insn))
            return false;
        if (plan->text.n - body == skip_len)
            return jump_back(plan, back_va);
        skip_len = (uint32_t)plan->text.n - body;
    }
    return false;
}

// The way out itself, behind its shots.
static bool leave(struct plan *plan, const struct insn *insn) {
    if (insn->kind == INSN_JUMP_COND)
        return jump_to(plan, insn->va, insn->target, ARRIVE_BY_BRANCH);
    return plan->arch->leave == NULL || plan->arch->leave(insn, &plan->text);
}

// A conditional tail call or return: its shots fire when it leaves. Unless the
// condition was used up by then, what is no direct jump follows as it is, to be
// asked again. What else the instruction does comes before.
static bool emit_taken(struct plan *plan, const struct place *place,
                       const struct insn *insn) {
    const struct arch *arch = plan->arch;
    uint64_t live_va = insn->va;
    struct insn head, last;
    uint8_t bytes[64];
    if (arch->split && arch->split(insn, bytes, &head, &last)) {
        if (!trampoline_move(plan, &head))
            return false;
        insn = &last;
    }
    struct bytes *text = &plan->text;
    uint32_t from = (uint32_t)text->n, skip_len = 0;
    struct mark mark = trampoline_mark(plan);
    // The length of the skipped code is known once it was written; a shorter
    // form of the skip may make it shorter, once.
    for (int round = 0; round < SKIP_ROUNDS; round++) {
        trampoline_return(plan, &mark);
        if (!arch->skip_unless_taken(insn, skip_len, text))
            return false;
        uint32_t body = (uint32_t)text->n;
        fill_pick(plan, place, SHOT_TAKEN);
        bool is_direct = insn->kind == INSN_JUMP_COND;
        fill_group(plan, 0, plan->picked_count,
                   is_direct ? insn->target : live_va, plan->held, place->va);
        if (!leave(plan, insn))
            return false;
        if (text->n - body == skip_len)
            return text->n > from && (is_direct || arch->leave != NULL ||
                                      trampoline_move(plan, insn));
        skip_len = (uint32_t)text->n - body;
    }
    return false;
}

static void emit_class(struct plan *plan, const struct place *place,
                       enum shot_class class, uint64_t live_va) {
    if (fill_pick(plan, place, class))
        fill_group(plan, 0, plan->picked_count, live_va, plan->held, live_va);
}

// The shots that fire on the way to a place's instruction.
static void emit_arrival(struct plan *plan, struct window *window,
                         const struct place *place, uint64_t va) {
    struct label *label = &window->labels[window->label_count++];
    label->off = (uint32_t)(va - window->va);
    label->start = label->body = (uint32_t)plan->text.n;
    plan->held = plan->holds_return ? REG_BIT(plan->arch->abi.scratch) : 0;
    // The call at the window's end has been made, as far as that register goes.
    if (plan->by_call && plan->arch->abi.link != REG_NONE)
        plan->held |= REG_BIT(plan->arch->abi.link);
    if (plan->program->image->is_bare && va == plan->start_va)
        bare_emit_start(plan);
    if (place == NULL)
        return;
    emit_class(plan, place, SHOT_LEADING, va);
    label->body = (uint32_t)plan->text.n;
    emit_class(plan, place, SHOT_BEFORE, va);
}

static bool emit_insn(struct plan *plan, const struct window *window,
                      const struct place *place, const struct insn *insn) {
    bool last = insn->va + insn->len == window->va + window->len;
    bool selects =
        place != NULL && (fill_has(plan, place, SHOT_SELECTED) ||
                          fill_has(plan, place, SHOT_SELECTED_AFTER));
    if (last && (window->flags & WINDOW_ENDS_CALL))
        return insn->flags & INSN_CONDITIONAL ? emit_maybe_call(plan, insn)
                                              : emit_call(plan, insn);
    if (selects && !select_emit(plan, place, insn))
        return false;
    if (place != NULL && fill_has(plan, place, SHOT_TAKEN))
        return emit_taken(plan, place, insn);
    bool is_done = selects && fill_has(plan, place, SHOT_SELECTED_AFTER);
    if (!is_done && !trampoline_move(plan, insn))
        return false;
    if (place != NULL)
        emit_class(plan, place, SHOT_AFTER, insn->va + insn->len);
    return true;
}

static uint32_t count_insns(struct plan *plan, const struct window *window) {
    struct insn insn;
    uint32_t count = 1; // the tail
    for (uint64_t va = window->va; va < window->va + window->len;
         va += insn.len, count++)
        if (!window_decode(plan, va, &insn))
            break;
    return count;
}

// Instructions that a trampoline repeats rather than jump back to them.
#define RUN_ON_MOST 3

// Where the window is followed by nothing but the function's way out, that is
// repeated here: a jump is saved. What stands there stays as it is, for others
// who arrive. Memory other than the stack is not touched: a fault in it is to
// happen where the program's own handlers expect it.
static bool emit_run_on(struct plan *plan, uint64_t va) {
    struct mark mark = trampoline_mark(plan);
    struct insn insn;
    for (int i = 0; i < RUN_ON_MOST; i++, va += insn.len) {
        if (va >= plan->hi_va || place_at(plan, va) || window_at(plan, va) ||
            !window_decode(plan, va, &insn) || !trampoline_move(plan, &insn))
            break;
        if (insn.kind == INSN_RETURN || insn.kind == INSN_JUMP)
            return true;
        if (insn.kind != INSN_PLAIN || !(insn.flags & INSN_USES_SP) ||
            (insn.flags & (INSN_IMMOVABLE | INSN_BELOW_SP)))
            break;
    }
    trampoline_return(plan, &mark);
    return false;
}

// What is to be run at an instruction of a window; NULL: nothing.
static const struct place *place_within(const struct plan *plan, uint64_t va) {
    const struct place *place = place_at(plan, va);
    return place && !place->forbidden ? place : NULL;
}

static bool emit_window(struct plan *plan, struct window *window) {
    uint64_t end_va = window->va + window->len;
    struct insn insn;
    for (uint64_t va = window->va; va < end_va; va += insn.len) {
        const struct place *place = place_within(plan, va);
        plan->failed_va = va;
        if (!window_decode(plan, va, &insn))
            return false;
        emit_arrival(plan, window, place, va);
        if (!emit_insn(plan, window, place, &insn))
            return false;
    }
    if (window->flags & WINDOW_TAIL) {
        const struct place *place = place_within(plan, end_va);
        plan->failed_va = end_va;
        emit_arrival(plan, window, place, end_va);
        if (place != NULL && fill_has(plan, place, SHOT_SELECTED) &&
            (!window_decode(plan, end_va, &insn) ||
             !select_emit(plan, place, &insn)))
            return false;
    }
    return !(window->flags & WINDOW_OPEN) || emit_run_on(plan, end_va) ||
           jump_back(plan, end_va);
}

// Whether the window can be, and is best, entered by a call.
static bool enters_by_call(struct plan *plan, const struct window *window) {
    struct stretch stretch;
    if (!(window->flags & WINDOW_ENDS_CALL) || window->island_va != 0 ||
        window->hosted_va != 0 || window->tactic == TACTIC_PADDING ||
        (window->flags & (WINDOW_LABELS | WINDOW_UNENTERED | WINDOW_SPILLS)))
        return false;
    struct bytes call;
    bytes_init(&call, plan->arena, plan->arch->order);
    stretch_from(&stretch, window);
    return stretch_takes_call(plan, &stretch) &&
           plan->arch->call(window->va, plan_text_end(plan), window->len,
                            &call);
}

bool trampoline_emit(struct plan *plan, struct window *window) {
    window->labels =
        ARENA_ARRAY(plan->arena, struct label, count_insns(plan, window));
    window->label_count = 0;
    bytes_align(&plan->text, plan->arch->insn_align, plan->arch->padding_byte);
    window->text_off = (uint32_t)plan->text.n;
    plan->pool_first = plan->pool_count = 0;
    plan->by_call = enters_by_call(plan, window);
    plan->holds_return = false;
    if (plan->by_call)
        window->flags |= WINDOW_BY_CALL;
    window->reach = way_into(plan, window->va);
    window->short_reach = plan->short_jump;
    plan->end_va = window->va + window->len;
    plan->back_va = window->back_va;
    plan->failed_va = window->va;
    if (window->reach == NULL && !plan->by_call &&
        !(window->flags & WINDOW_UNENTERED))
        return false;
    frames_like(plan, window->va);
    frames_bias(plan, plan->by_call ? (int32_t)plan->word : 0);
    if (window->flags & WINDOW_SPILLS)
        relay_arrive(plan);
    if (!emit_window(plan, window))
        return false;
    pools_write(plan);
    window->text_len = (uint32_t)plan->text.n - window->text_off;
    return true;
}

static bool is_same_probe(const struct site *a, const struct site *b) {
    return a->kind == b->kind && a->va == b->va && str_equal(a->name, b->name);
}

void trampoline_function(struct plan *plan, const struct site *like,
                         struct str name) {
    veneers_keep_up(plan);
    frames_begin(plan, 0);
    plan->picked_count = 0;
    for (size_t i = 0; i < plan->input->shot_count; i++) {
        const struct shot *shot = &plan->input->shots[i];
        if (is_same_probe(shot->site, like))
            *ARENA_PUSH(plan->arena, plan->picked, plan->picked_count,
                        plan->picked_room) = shot;
    }
    if (plan->program->image->is_guarded)
        plan->arch->landing(&plan->text);
    fill_group(plan, 0, plan->picked_count, 0, regset_of(plan->arch->abi.link),
               0);
    plan->arch->ret(&plan->text);
    pools_write(plan);
    frames_end(plan, name);
}
