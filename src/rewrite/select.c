// select.c: system calls whose number is only known at run time.
//
// One instruction then stands for many sites. The number register decides, by
// a balanced tree of comparisons; each leaf has the shots of one number:
//
//     cmp $3,%eax; jge B           below 3: 0, 1, 2
//     cmp $0,%eax; jne ...         (stencils of read:entry); jmp done
//     ...
//   B: ...
//   other:
//   done: syscall
//
// Behind the system call the number is gone, and nothing may be kept on the
// stack meanwhile: a child may come back on another one. So where returns are
// asked for, each leaf has a system call instruction of its own. What the
// comparisons change is saved around them alone.

#include "rewrite/plan.h"

#include <string.h>

#define LEAVES_IN_A_ROW 4

struct leaf {
    int32_t number;
    uint32_t entry, entry_count; // in plan->picked
    uint32_t after, after_count;
};

struct selection {
    struct plan *plan;
    const struct place *place;
    const struct insn *insn;
    struct leaf *leaves; // by number
    uint32_t leaf_count;
    bool with_insn;
    regset saves; // around the comparisons
    uint32_t skip;
    uint32_t *ends, *others; // jumps to `done` and to `other`, text offsets
    size_t end_count, end_room, other_count, other_room;
};

static int compare_shots(const struct shot *a, const struct shot *b) {
    if (a->site->selector != b->site->selector)
        return a->site->selector < b->site->selector ? -1 : 1;
    return (int)a->site->kind - (int)b->site->kind;
}

// Stable: shots of one number stay in order. They mostly are already.
static void sort_picked(struct plan *plan) {
    for (size_t i = 1; i < plan->picked_count; i++) {
        const struct shot *shot = plan->picked[i];
        size_t k = i;
        for (; k > 0 && compare_shots(plan->picked[k - 1], shot) > 0; k--)
            plan->picked[k] = plan->picked[k - 1];
        plan->picked[k] = shot;
    }
}

static void find_leaves(struct selection *selection) {
    struct plan *plan = selection->plan;
    const struct place *place = selection->place;
    plan->picked_count = 0;
    for (uint32_t i = 0; i < place->count; i++) {
        const struct shot *shot = &plan->input->shots[place->first + i];
        if (shot->site->va == place->va && shot->site->selector >= 0)
            *ARENA_PUSH(plan->arena, plan->picked, plan->picked_count,
                        plan->picked_room) = shot;
    }
    sort_picked(plan);
    selection->leaves =
        ARENA_ARRAY(plan->arena, struct leaf, plan->picked_count);
    for (uint32_t i = 0; i < plan->picked_count; i++) {
        const struct site *site = plan->picked[i]->site;
        struct leaf *leaf = NULL;
        if (selection->leaf_count > 0)
            leaf = &selection->leaves[selection->leaf_count - 1];
        if (leaf == NULL || leaf->number != site->selector) {
            leaf = &selection->leaves[selection->leaf_count++];
            *leaf = (struct leaf){site->selector, i, 0, i, 0};
        }
        if (site->kind == SITE_SYSCALL_RETURN) {
            leaf->after_count++;
            selection->with_insn = true;
        } else {
            leaf->entry_count++;
            leaf->after = leaf->entry + leaf->entry_count;
        }
    }
}

static void put_back(struct selection *selection) {
    struct plan *plan = selection->plan;
    if (selection->saves == 0)
        return;
    uint32_t from = (uint32_t)plan->text.n;
    plan->arch->restore(selection->saves, selection->skip, &plan->text);
    frames_scan(plan, from, 0);
}

static void jump_later(struct plan *plan, uint32_t **list, size_t *count,
                       size_t *room) {
    uint64_t at_va = plan_text_end(plan);
    *ARENA_PUSH(plan->arena, *list, *count, *room) = (uint32_t)plan->text.n;
    plan->arch->jump(plan->near, at_va, at_va, &plan->text);
}

static void jumps_land(struct plan *plan, const uint32_t *list, size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct bytes jump = {.arena = plan->arena, .order = plan->arch->order};
        plan->arch->jump(plan->near, plan->text_va + list[i],
                         plan_text_end(plan), &jump);
        memcpy(plan->text.p + list[i], jump.p, jump.n);
    }
}

static bool emit_leaf(struct selection *selection, const struct leaf *leaf) {
    struct plan *plan = selection->plan;
    uint64_t va = selection->insn->va;
    int32_t bias = plan->bias;
    put_back(selection);
    fill_group(plan, leaf->entry, leaf->entry_count, va, plan->held, va);
    if (selection->with_insn) {
        uint64_t next_va = va + selection->insn->len;
        if (!trampoline_move(plan, selection->insn))
            return false;
        fill_group(plan, leaf->after, leaf->after_count, next_va, plan->held,
                   next_va);
    }
    jump_later(plan, &selection->ends, &selection->end_count,
               &selection->end_room);
    frames_bias(plan, bias);
    return true;
}

typedef void skip_writer(uint8_t reg, int32_t value, uint32_t skip_len,
                         struct bytes *out);

// Writes a skip at text offset `off` over all that was written behind it.
static void skip_ends(struct selection *selection, uint32_t off,
                      skip_writer *write, int32_t value) {
    struct plan *plan = selection->plan;
    struct bytes skip = {.arena = plan->arena, .order = plan->arch->order};
    uint8_t reg = plan->arch->abi.syscall_number;
    write(reg, value, 0, &skip);
    uint32_t len = (uint32_t)skip.n;
    skip.n = 0;
    write(reg, value, (uint32_t)plan->text.n - off - len, &skip);
    memcpy(plan->text.p + off, skip.p, skip.n);
}

static bool emit_tree(struct selection *selection, uint32_t from, uint32_t to) {
    struct plan *plan = selection->plan;
    const struct arch *arch = plan->arch;
    uint8_t reg = arch->abi.syscall_number;
    while (to - from > LEAVES_IN_A_ROW) {
        uint32_t middle = from + (to - from) / 2;
        uint32_t off = (uint32_t)plan->text.n;
        int32_t number = selection->leaves[middle].number;
        arch->skip_unless_below(reg, number, 0, &plan->text);
        if (!emit_tree(selection, from, middle))
            return false;
        skip_ends(selection, off, arch->skip_unless_below, number);
        from = middle;
    }
    for (uint32_t i = from; i < to; i++) {
        uint32_t off = (uint32_t)plan->text.n;
        int32_t number = selection->leaves[i].number;
        arch->skip_unless_equal(reg, number, 0, &plan->text);
        if (!emit_leaf(selection, &selection->leaves[i]))
            return false;
        skip_ends(selection, off, arch->skip_unless_equal, number);
    }
    jump_later(plan, &selection->others, &selection->other_count,
               &selection->other_room);
    return true;
}

bool select_emit(struct plan *plan, const struct place *place,
                 const struct insn *insn) {
    struct selection selection = {.plan = plan, .place = place, .insn = insn};
    const struct abi *abi = &plan->arch->abi;
    regset flags = abi->flags == REG_NONE ? 0 : REG_BIT(abi->flags);
    find_leaves(&selection);
    selection.saves = program_live_among(plan->program, insn->va, flags);
    if (selection.saves != 0) {
        // The flags travel by way of the result register.
        selection.saves |= REG_BIT(abi->result);
        uint32_t from = (uint32_t)plan->text.n;
        if (program_red_zone_live(plan->program, insn->va))
            selection.skip = abi->red_zone;
        int32_t lowered = (int32_t)plan->arch->save(
            selection.saves, selection.skip, &plan->text);
        frames_scan(plan, from, lowered);
        if (abi->syscall_number == abi->result)
            plan->arch->load_word(
                abi->result, abi->sp,
                plan->arch->saved_at(selection.saves, abi->result),
                &plan->text);
    }
    if (!emit_tree(&selection, 0, selection.leaf_count))
        return false;
    jumps_land(plan, selection.others, selection.other_count);
    put_back(&selection);
    if (selection.with_insn && !trampoline_move(plan, insn))
        return false;
    jumps_land(plan, selection.ends, selection.end_count);
    return true;
}
