// called.c: stencils that stand once and are called.
//
// A long stencil with many sites would be most of what is added. Its code is
// a function already, but for its end; so it is put ahead of the trampolines
// with a return there, and sites only hand over what differs among them:
//
//     site's trampoline                  the stencil
//     save what is live and changed      (code)
//     lea   values(%rip), %r10           ret
//     call  stencil
//     restore
//
//     values, read-only:  hole 0, hole 1, ...
//
// The registers are those of the site, as a copy would find them, but for the
// link register: what it was is handed over where it is asked for. Sites whose
// values are equal have them in one place. Where a call does not reach, a copy
// stands at the site after all; it is given the same.

#include "rewrite/plan.h"

#include <assert.h>

static struct stencil_info *info_of(const struct plan *plan,
                                    const struct stencil *stencil) {
    return &plan->infos[stencil - plan->input->stencils->stencils];
}

// --- the stencils ---

static void write_stencil(struct plan *plan, size_t index) {
    const struct stencil *stencil = &plan->input->stencils->stencils[index];
    bytes_align(&plan->text, plan->arch->insn_align, plan->arch->padding_byte);
    frames_begin(plan, 0);
    plan->infos[index].called_va = plan_text_end(plan);
    if (plan->program->image->is_guarded)
        plan->arch->landing(&plan->text);
    fill_copy(plan, stencil, NULL);
    plan->arch->ret(&plan->text);
    pools_write(plan);
    frames_end(plan, str_format(plan->arena, "mctrace:shape_%zu", index));
}

void called_write(struct plan *plan) {
    const struct rewrite_input *input = plan->input;
    const struct stencil_set *set = input->stencils;
    bool *is_used = ARENA_ARRAY(plan->arena, bool, set->stencil_count + 1);
    size_t from = plan->text.n;
    for (size_t i = 0; i < input->shot_count; i++)
        is_used[input->shots[i].stencil - set->stencils] = true;
    ways_enter_mode(plan, plan->stencil_arch->mode);
    for (size_t i = 0; i < set->stencil_count; i++)
        if (is_used[i] && set->stencils[i].handover.is_called)
            write_stencil(plan, i);
    plan->called_len = (uint32_t)(plan->text.n - from);
}

// --- at a site ---

regset called_clobbers(const struct plan *plan, const struct stencil *stencil) {
    const struct handover *handover = &stencil->handover;
    return handover->is_called
               ? regset_of(handover->values) | regset_of(handover->link) |
                     regset_of(plan->arch->abi.link)
               : 0;
}

// A call pushes its return address where there is no register for it.
bool stencil_uses_stack(const struct plan *plan,
                        const struct stencil *stencil) {
    return stencil->stack_len > 0 ||
           (stencil->handover.is_called && plan->arch->abi.link == REG_NONE);
}

static uint64_t values_va(struct plan *plan, const struct shot *shot) {
    const struct stencil *stencil = shot->stencil;
    uint8_t len = stencil->handover.value_len;
    struct bytes block;
    bytes_init(&block, plan->arena, plan->arch->order);
    for (uint32_t i = 0; i < stencil->hole_count; i++)
        if (len == 8)
            bytes_u64(&block, shot->holes[i]);
        else
            bytes_u32(&block, (uint32_t)shot->holes[i]);
    struct str key = {(const char *)block.p, block.n};
    uintptr_t known = (uintptr_t)map_get(&plan->block_offs, key);
    if (known == 0) {
        bytes_align(&plan->values, len, 0);
        known = plan->values.n + 1;
        bytes_add(&plan->values, block.p, block.n);
        map_put(&plan->block_offs, key, (void *)known);
    }
    return plan->values_va + known - 1;
}

static void load_values(struct plan *plan, const struct shot *shot) {
    const struct arch *arch = plan->arch;
    uint32_t from = (uint32_t)plan->text.n;
    uint64_t from_va = plan_text_end(plan), va = values_va(plan, shot);
    if (!arch->load_place(shot->stencil->handover.values, from_va, va,
                          &plan->text) &&
        !plan->failed) {
        diag_error_at(plan->diag, R_ROOM, NULL,
                      "added code at 0x%llx does not reach 0x%llx",
                      (unsigned long long)from_va, (unsigned long long)va);
        plan->failed = true;
    }
    for (const struct place_field *field = arch->place_fields;
         field && field->len; field++) {
        const struct patch_point point = {.reloc =
                                              arch_reloc(arch, field->type)};
        fill_store(plan, plan->text.p + from + field->off, from_va + field->off,
                   &point, va);
    }
}

// In as few bytes as it takes. False: it does not reach.
static bool put_call(struct plan *plan, uint64_t to_va) {
    enum { LONGEST = 16 };
    const struct arch *arch = plan->arch;
    for (unsigned len = arch->insn_align; len <= LONGEST;
         len += arch->insn_align)
        if (arch->call(plan_text_end(plan), to_va, len, &plan->text))
            return true;
    return false;
}

void called_emit(struct plan *plan, const struct shot *shot, regset saves) {
    const struct arch *arch = plan->arch;
    const struct handover *handover = &shot->stencil->handover;
    pools_make_room(plan, NULL);
    if (handover->link != REG_NONE) {
        int32_t at = arch->saved_at(saves, arch->abi.link);
        assert(at >= 0);
        arch->load_word(handover->link, arch->abi.sp, at, &plan->text);
    }
    if (handover->values != REG_NONE)
        load_values(plan, shot);
    uint64_t called_va = info_of(plan, shot->stencil)->called_va;
    if (!put_call(plan, veneers_way(plan, plan_text_end(plan), called_va)))
        fill_copy(plan, shot->stencil, shot->holes);
}
