// veneers.c: calls within added code that are too short to reach.
//
// What is called from everywhere lies in front of all trampolines: functions of
// the runtime, stencils that are called, and a slot for each function that is
// placed last, or is none of ours (mct_begin, the program's entry). Added code
// may be longer than a call leads: 16 MB in T32. Before that is used up, a row
// of plain jumps is put between two trampolines, and another one later on,
// whose jumps lead to those of the row before:
//
//     front     helper:  ...        called:  ...        slot:  far jump
//               trampolines
//     row       b helper            b called            b slot
//               trampolines
//     row       b (row before)      b (row before)      b (row before)
//
// A plain jump changes no register and needs no landing pad, so that the code
// which calls need not know of it. The far jump in a slot, whose target is
// known at the end, is one that the ABI allows a linker to make.

#include "rewrite/plan.h"

#include <assert.h>
#include <string.h>

// What the last row must still reach when a trampoline begins: of the whole
// distance, one part in so many is left for that trampoline.
#define PART_LEFT 4

static bool is_within(const struct veneers *veneers, uint64_t from_va,
                      uint64_t va) {
    return veneers->near == NULL || way_spans(veneers->near, from_va, va);
}

static void add_front(struct plan *plan, uint64_t va) {
    struct veneers *veneers = &plan->veneers;
    if (map_get_number(&veneers->indices, va))
        return;
    *ARENA_PUSH(plan->arena, veneers->fronts, veneers->count, veneers->room) =
        va;
    map_put_number(&veneers->indices, va, (void *)(uintptr_t)veneers->count);
}

// Bytes for a far jump, to be written at the end.
static void add_slot(struct plan *plan, uint32_t index) {
    uint64_t *slot_va = &plan->veneers.slot_vas[index];
    if (*slot_va != 0)
        return;
    bytes_align(&plan->text, plan->arch->insn_align, plan->arch->padding_byte);
    *slot_va = plan_text_end(plan);
    bytes_add_zero(&plan->text, plan->veneers.far->len);
    add_front(plan, *slot_va);
}

static void add_point(struct plan *plan, const struct patch_point *point) {
    if (!arch_takes_veneer(plan->arch, point->reloc->type))
        return;
    if (point->kind == TARGET_EXTERN)
        add_slot(plan, point->index);
    else if (point->kind == TARGET_SHARED)
        add_front(plan, fill_target(plan, point, NULL, 0));
}

void veneers_begin(struct plan *plan) {
    const struct stencil_set *set = plan->input->stencils;
    struct veneers *veneers = &plan->veneers;
    map_init(&veneers->indices, plan->arena);
    veneers->slot_vas = ARENA_ARRAY(plan->arena, uint64_t, set->extern_count);
    ways_enter_mode(plan, plan->stencil_arch->mode);
    if (plan->far == NULL || plan->arch->veneer_relocs == NULL)
        return;
    veneers->near = plan->near;
    veneers->far = plan->far;
    frames_begin(plan, 0);
    for (size_t i = 0; i < set->shared_point_count; i++)
        add_point(plan, &set->shared_points[i]);
    for (size_t i = 0; i < set->stencil_count; i++) {
        const struct stencil *stencil = &set->stencils[i];
        for (uint32_t k = 0; k < stencil->point_count; k++)
            add_point(plan, &stencil->points[k]);
        if (plan->infos[i].called_va != 0)
            add_front(plan, plan->infos[i].called_va);
    }
    frames_end(plan, STR("mctrace:veneers"));
}

// Of the rows that are within reach as a whole the last; 0: none is.
static uint64_t row_near(const struct veneers *veneers, uint64_t from_va) {
    uint64_t len = veneers->count * veneers->near->len;
    for (size_t i = veneers->row_count; i > 0; i--)
        if (is_within(veneers, from_va, veneers->row_vas[i - 1]) &&
            is_within(veneers, from_va, veneers->row_vas[i - 1] + len))
            return veneers->row_vas[i - 1];
    return 0;
}

uint64_t veneers_way(const struct plan *plan, uint64_t from_va, uint64_t va) {
    const struct veneers *veneers = &plan->veneers;
    if (is_within(veneers, from_va, va))
        return va;
    uintptr_t index = (uintptr_t)map_get_number(&veneers->indices, va);
    uint64_t row_va = index ? row_near(veneers, from_va) : 0;
    return row_va ? row_va + (index - 1) * veneers->near->len : va;
}

uint64_t veneers_target(const struct plan *plan,
                        const struct patch_point *point, uint64_t field_va,
                        uint64_t target) {
    const struct veneers *veneers = &plan->veneers;
    if (!arch_takes_veneer(plan->stencil_arch, point->reloc->type) ||
        is_within(veneers, field_va, target))
        return target;
    uint64_t slot_va =
        point->kind == TARGET_EXTERN ? veneers->slot_vas[point->index] : 0;
    return veneers_way(plan, field_va, slot_va ? slot_va : target);
}

bool veneers_are_due(const struct plan *plan) {
    const struct veneers *veneers = &plan->veneers;
    if (veneers->count == 0)
        return false;
    uint64_t last_va = veneers->row_count
                           ? veneers->row_vas[veneers->row_count - 1]
                           : plan->text_va;
    uint64_t reach = (uint64_t)veneers->near->max;
    return plan_text_end(plan) - last_va > reach - reach / PART_LEFT;
}

void veneers_keep_up(struct plan *plan) {
    const struct arch *arch = plan->stencil_arch;
    struct veneers *veneers = &plan->veneers;
    unsigned mode = plan->arch->mode;
    if (!veneers_are_due(plan))
        return;
    ways_enter_mode(plan, arch->mode);
    bytes_align(&plan->text, arch->insn_align, arch->padding_byte);
    frames_begin(plan, 0);
    uint64_t row_va = plan_text_end(plan);
    for (size_t i = 0; i < veneers->count; i++) {
        uint64_t at_va = plan_text_end(plan);
        uint64_t to_va = veneers_way(plan, at_va, veneers->fronts[i]);
        arch->jump(veneers->near, at_va, to_va, &plan->text);
    }
    frames_end(plan, STR("mctrace:veneers"));
    ways_enter_mode(plan, mode);
    *ARENA_PUSH(plan->arena, veneers->row_vas, veneers->row_count,
                veneers->row_room) = row_va;
}

void veneers_finish(struct plan *plan) {
    const struct veneers *veneers = &plan->veneers;
    const struct arch *arch = plan->stencil_arch;
    uint64_t mask = ~(uint64_t)(arch->insn_align - 1);
    for (size_t i = 0; i < plan->input->stencils->extern_count; i++) {
        uint64_t at_va = veneers->slot_vas[i];
        struct bytes code = {.arena = plan->arena, .order = arch->order};
        if (at_va == 0)
            continue;
        arch->jump(veneers->far, at_va, plan->extern_vas[i] & mask, &code);
        assert(code.n == veneers->far->len);
        memcpy(plan->text.p + (at_va - plan->text_va), code.p, code.n);
    }
}
