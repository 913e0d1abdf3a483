// fill.c: copies of stencils, their holes filled.
//
// Shots at one place run one after the other between one save and one restore.
// Saved is what a stencil clobbers and what may still be read: by the code at
// the site, or by a later stencil, which must find its inputs as they were:
//
//     push %rdi              both clobber rdi, live here; rsi is dead
//     (first stencil)        clobbers rdi
//     mov (%rsp),%rdi        the second reads rdi
//     (second stencil)
//     pop %rdi

#include "rewrite/plan.h"

#include <assert.h>
#include <string.h>

static uint32_t body_len(const struct plan *plan,
                         const struct stencil *stencil) {
    const struct arch *arch = plan->arch;
    for (uint32_t i = 0; i < stencil->point_count; i++) {
        const struct patch_point *point = &stencil->points[i];
        if (point->kind != TARGET_NEXT ||
            point->off + point->reloc->len > stencil->code.n)
            continue;
        for (uint8_t k = 0; k < arch->jump_count; k++) {
            uint8_t len = arch->jumps[k].len;
            struct insn insn;
            struct code code = {.va = plan->text_va, .mode = arch->mode};
            if (len > stencil->code.n || point->off + len < stencil->code.n)
                continue;
            code.bytes =
                (struct slice){stencil->code.p + stencil->code.n - len, len};
            if (arch->decode(&code, &insn) && insn.kind == INSN_JUMP &&
                insn.len == len)
                return (uint32_t)stencil->code.n - len;
        }
    }
    return (uint32_t)stencil->code.n;
}

void fill_prepare(struct plan *plan) {
    const struct stencil_set *set = plan->input->stencils;
    plan->infos =
        ARENA_ARRAY(plan->arena, struct stencil_info, set->stencil_count);
    for (size_t i = 0; i < set->stencil_count; i++) {
        plan->infos[i].len = body_len(plan, &set->stencils[i]);
        plan->infos[i].possible =
            rename_possible(plan, &set->stencils[i], plan->infos[i].len);
        frames_stencil(plan, &set->stencils[i], &plan->infos[i]);
    }
}

static enum shot_class shot_class(const struct place *place,
                                  const struct shot *shot) {
    const struct site *site = shot->site;
    if (site->va != place->va)
        return SHOT_LEADING;
    switch (site->kind) {
    case SITE_ENTRY: return SHOT_LEADING;
    case SITE_RETURN:
        return exit_is_conditional(site->exit) ? SHOT_TAKEN : SHOT_BEFORE;
    case SITE_SYSCALL_ENTRY:
        return site->selector >= 0 ? SHOT_SELECTED : SHOT_BEFORE;
    case SITE_SYSCALL_RETURN:
        return site->selector >= 0 ? SHOT_SELECTED_AFTER : SHOT_AFTER;
    default: return SHOT_BEFORE;
    }
}

bool fill_has(const struct plan *plan, const struct place *place,
              enum shot_class class) {
    const struct shot *shots = plan->input->shots + place->first;
    for (uint32_t i = 0; i < place->count; i++)
        if (shot_class(place, &shots[i]) == class)
            return true;
    return false;
}

bool fill_pick(struct plan *plan, const struct place *place,
               enum shot_class class) {
    const struct shot *shots = plan->input->shots + place->first;
    plan->picked_count = 0;
    for (uint32_t i = 0; i < place->count; i++)
        if (shot_class(place, &shots[i]) == class)
            *ARENA_PUSH(plan->arena, plan->picked, plan->picked_count,
                        plan->picked_room) = &shots[i];
    return plan->picked_count > 0;
}

static uint64_t value_va(struct plan *plan, uint64_t value) {
    uintptr_t known = (uintptr_t)map_get_number(&plan->value_offs, value);
    if (known == 0) {
        bytes_align(&plan->values, sizeof value, 0);
        known = plan->values.n + 1;
        bytes_u64(&plan->values, value);
        // Offsets are kept one higher: NULL means absent.
        map_put_number(&plan->value_offs, value, (void *)known);
    }
    return plan->values_va + known - 1;
}

uint64_t fill_target(struct plan *plan, const struct patch_point *point,
                     const uint64_t *holes, uint64_t next_va) {
    const struct image_room *room = &plan->result->room;
    assert(holes ||
           (point->kind != TARGET_SLOT && point->kind != TARGET_VALUE));
    switch ((enum target_kind)point->kind) {
    case TARGET_NEXT: return next_va;
    case TARGET_REGION: return plan->region_va;
    case TARGET_PRIVATE: return plan->private_va;
    case TARGET_SLOT: return plan->region_va + holes[point->index];
    case TARGET_VALUE: return value_va(plan, holes[point->index]);
    case TARGET_TEXTS: return plan->texts_va;
    case TARGET_SHARED: return plan->text_va + point->index;
    case TARGET_RODATA: return room->rodata_va + point->index;
    case TARGET_DATA: return plan->library_va + point->index;
    case TARGET_EXTERN: return plan->extern_vas[point->index];
    }
    return 0;
}

// --- fields ---------------------------------------------------------------

void fill_store(struct plan *plan, uint8_t *field, uint64_t field_va,
                const struct patch_point *point, uint64_t target) {
    const struct reloc_row *reloc = point->reloc;
    const struct image *image = plan->program->image;
    bool is_anywhere = image->is_relocatable && !image->is_bare;
    target = veneers_target(plan, point, field_va, target);
    uint64_t value = target + (uint64_t)point->addend;
    if (point->is_absolute && is_anywhere && !plan->failed) {
        diag_error_at(plan->diag, B_OBJECT, NULL,
                      "the library's code refers to 0x%llx by a fixed address, "
                      "and the program may lie anywhere (%s)",
                      (unsigned long long)value, reloc->name);
        diag_help(plan->diag, "compile it with -fPIE");
        plan->failed = true;
    }
    if (is_anywhere && plan->base_va == 0 &&
        arch_is_for_loader(plan->arch, reloc->type))
        *ARENA_PUSH(plan->arena, plan->relocs, plan->reloc_count,
                    plan->reloc_room) =
            (struct image_reloc){field_va, value, reloc->type};
    bool fits = true;
    if (reloc->pc_relative) {
        value -= field_va;
    } else if (plan->base_va != 0) {
        value -= plan->base_va;
        fits = plan->arch->add_base(field);
    }
    if (!fits) {
        // reported below
    } else if (reloc->store != NULL) {
        fits = reloc->store(field, field_va, value);
    } else {
        unsigned spare_bits = 64 - 8 * reloc->len;
        if (spare_bits > 0 && reloc->fits_signed)
            fits = (uint64_t)((int64_t)(value << spare_bits) >> spare_bits) ==
                   value;
        else if (spare_bits > 0)
            fits = value >> (8 * reloc->len) == 0;
        store_uint(field, value, reloc->len, plan->arch->order);
    }
    if (!fits && !plan->failed) {
        diag_error_at(plan->diag, R_ROOM, NULL,
                      "added code at 0x%llx does not reach 0x%llx (%s)",
                      (unsigned long long)field_va, (unsigned long long)target,
                      reloc->name);
        plan->failed = true;
    }
}

void fill_points(struct plan *plan, uint32_t off,
                 const struct patch_point *points, size_t count,
                 const uint64_t *holes, uint64_t next_va) {
    for (size_t i = 0; i < count; i++) {
        const struct patch_point *point = &points[i];
        uint32_t at = off + point->off;
        if (point->off + point->reloc->len + off > plan->text.n)
            continue; // of the final jump that was dropped
        if (point->kind == TARGET_EXTERN) {
            *ARENA_PUSH(plan->arena, plan->deferred, plan->deferred_count,
                        plan->deferred_room) = (struct deferred){off, point};
            continue;
        }
        fill_store(plan, plan->text.p + at, plan->text_va + at, point,
                   fill_target(plan, point, holes, next_va));
    }
}

void fill_deferred(struct plan *plan) {
    for (size_t i = 0; i < plan->deferred_count; i++) {
        const struct deferred *deferred = &plan->deferred[i];
        uint32_t at = deferred->text_off + deferred->point->off;
        fill_store(plan, plan->text.p + at, plan->text_va + at, deferred->point,
                   fill_target(plan, deferred->point, NULL, 0));
    }
}

// Jumps to what follows fill the text up to where a copy is aligned as it was.
static void align_code(struct plan *plan, unsigned alignment) {
    while (alignment > 1 && plan->text.n % alignment != 0) {
        uint64_t at = plan_text_end(plan);
        const struct reach *reach = arch_reach(plan->arch, at, at + 2, 2);
        if (reach == NULL)
            break;
        plan->arch->jump(reach, at, at + reach->len, &plan->text);
    }
}

void fill_copy(struct plan *plan, const struct stencil *stencil,
               const uint64_t *holes) {
    const struct stencil_info *info =
        &plan->infos[stencil - plan->input->stencils->stencils];
    pools_make_room(plan, stencil);
    align_code(plan, stencil->alignment);
    uint32_t off = (uint32_t)plan->text.n;
    bytes_add(&plan->text, stencil->code.p, info->len);
    fill_points(plan, off, stencil->points, stencil->point_count, holes,
                plan_text_end(plan));
    rename_code(plan, stencil, off);
    frames_copy(plan, info, off);
    for (uint32_t i = 0; i < stencil->lock_count; i++)
        *ARENA_PUSH(plan->arena, plan->locks, plan->lock_count,
                    plan->lock_room) = off + stencil->locks[i];
    pools_add(plan, &(struct pool){stencil, holes, off});
    pools_make_room(plan, NULL);
}

static regset link_of(const struct plan *plan) {
    return regset_of(plan->arch->abi.link);
}

static regset shot_inputs(const struct plan *plan, const struct shot *shot) {
    const struct given *given = &shot->stencil->given;
    regset own = REG_BIT(plan->arch->abi.sp) | regset_of(given->sp) |
                 regset_of(given->lost);
    if (shot->stencil->handover.is_called)
        own |= link_of(plan); // it is handed over
    return shot->stencil->inputs & ~own;
}

static regset shot_clobbers(const struct plan *plan, const struct shot *shot) {
    regset clobbers = rename_set(plan, shot->stencil->clobbers);
    clobbers |= regset_of(shot->stencil->given.sp);
    clobbers |= regset_of(shot->stencil->given.lost);
    clobbers |= called_clobbers(plan, shot->stencil);
    return clobbers & ~REG_BIT(plan->arch->abi.sp);
}

// What a run of shots changes, and asks for again after changing it.
// `dirty` comes in as what saving itself changes.
struct needs {
    regset dirty, again;
    bool uses_stack;
};

static void find_needs(const struct plan *plan, size_t first, size_t count,
                       struct needs *needs) {
    regset lost = plan->arch->abi.lost_by_frame;
    for (size_t i = first; i < first + count; i++) {
        const struct shot *shot = plan->picked[i];
        // What is handed over from where it is saved is saved in any case.
        if (shot->stencil->given.lost != REG_NONE) {
            needs->dirty |= lost;
            needs->again |= lost;
        }
        needs->again |= shot_inputs(plan, shot) & needs->dirty;
        needs->dirty |= shot_clobbers(plan, shot);
        needs->uses_stack |= stencil_uses_stack(plan, shot->stencil);
        if (shot->stencil->handover.is_called)
            needs->again |= shot->stencil->inputs & link_of(plan);
    }
}

static regset still_read(struct plan *plan, const struct needs *needs,
                         uint64_t live_va, regset live) {
    regset saves = needs->dirty & (needs->again | live), rest;
    rest = needs->dirty & ~saves;
    if (live_va != 0 && rest != 0)
        saves |= rename_live(plan, live_va, rest);
    return saves;
}

// Flags, and other registers that are not general, travel by way of the result
// register, which is dirty from then on.
static regset travellers(const struct abi *abi) {
    regset flags = abi->flags == REG_NONE ? 0 : REG_BIT(abi->flags);
    return flags | (abi->caller_saved & ~abi->general & ~abi->flag_parts);
}

// What finding the base of addresses changes.
static regset lost_by_base(const struct plan *plan) {
    return plan->base_va != 0 ? plan->arch->abi.lost_by_base : 0;
}

static regset group_saves(struct plan *plan, size_t first, size_t count,
                          uint64_t live_va, regset live, struct needs *needs) {
    const struct abi *abi = &plan->arch->abi;
    regset flags = abi->flags == REG_NONE ? 0 : REG_BIT(abi->flags);
    regset result = REG_BIT(abi->result);
    *needs = (struct needs){.dirty = lost_by_base(plan)};
    find_needs(plan, first, count, needs);
    regset saves = still_read(plan, needs, live_va, live);
    if (!(saves & travellers(abi)))
        return saves;
    bool is_left_alone = !(needs->dirty & result);
    *needs = (struct needs){.dirty = result | lost_by_base(plan)};
    find_needs(plan, first, count, needs);
    saves = still_read(plan, needs, live_va, live);
    bool waits = (saves & travellers(abi)) == flags && is_left_alone &&
                 !(needs->again & result);
    return waits ? saves | REGSET_FLAGS_IN_RESULT : saves;
}

static void load_inputs(struct plan *plan, regset saves, regset wanted) {
    for (uint8_t reg = 0; wanted >> reg != 0; reg++)
        if (wanted >> reg & 1)
            plan->arch->load_word(reg, plan->arch->abi.sp,
                                  plan->arch->saved_at(saves, reg),
                                  &plan->text);
}

static void give_registers(struct plan *plan, const struct given *given,
                           regset saves, int32_t sp_off) {
    const struct arch *arch = plan->arch;
    regset lost = arch->abi.lost_by_frame;
    if (given->sp != REG_NONE)
        arch->load_address(given->sp, arch->abi.sp, sp_off, &plan->text);
    if (given->lost != REG_NONE)
        arch->load_word(given->lost, arch->abi.sp,
                        arch->saved_at(saves, (uint8_t)__builtin_ctzll(lost)),
                        &plan->text);
}

static void fill_run(struct plan *plan, size_t first, size_t count,
                     uint64_t live_va, regset live, uint64_t red_va) {
    const struct arch *arch = plan->arch;
    struct needs needs;
    int32_t bias = plan->bias;
    rename_choose(plan, first, count, live_va, live);
    regset saves = group_saves(plan, first, count, live_va, live, &needs);
    uint32_t skip = 0, lowered = 0, from = (uint32_t)plan->text.n;
    // A return address that was pushed already lies where the call, or what
    // comes before it, leaves nothing below sp.
    if ((saves != 0 || needs.uses_stack) && bias == 0 &&
        arch->abi.red_zone != 0 && red_va != 0 &&
        program_red_zone_live(plan->program, red_va))
        skip = arch->abi.red_zone;
    if (needs.uses_stack && skip == 0)
        skip = arch->abi.callee_room;
    if (saves != 0 || skip != 0) {
        lowered = arch->save(saves, skip, &plan->text);
        frames_scan(plan, from, bias + (int32_t)lowered);
    }
    if (saves & link_of(plan))
        frames_link(plan, arch->saved_at(saves, arch->abi.link));
    regset dirty = 0;
    if (saves & travellers(&arch->abi))
        dirty = REG_BIT(arch->abi.result);
    if (plan->base_va != 0) {
        arch->load_base(plan_text_end(plan), plan->base_va, &plan->text);
        dirty |= arch->abi.lost_by_base;
    }
    for (size_t i = first; i < first + count; i++) {
        const struct shot *shot = plan->picked[i];
        regset wanted = shot_inputs(plan, shot) & dirty;
        load_inputs(plan, saves, wanted);
        dirty &= ~wanted;
        give_registers(plan, &shot->stencil->given, saves,
                       bias + (int32_t)lowered);
        if (shot->stencil->handover.is_called)
            called_emit(plan, shot, saves);
        else
            fill_copy(plan, shot->stencil, shot->holes);
        dirty |= shot_clobbers(plan, shot);
    }
    plan->link_at = 0;
    if (saves != 0 || skip != 0) {
        from = (uint32_t)plan->text.n;
        arch->restore(saves, skip, &plan->text);
        frames_scan(plan, from, bias);
    }
}

static bool turns_result(const struct plan *plan, size_t i) {
    return plan->arch->turn_result != NULL &&
           plan->picked[i]->site->kind == SITE_SYSCALL_RETURN;
}

// Whether a copied stencil wants the link register, which a call among the
// shots before it has changed: it may not be possible to load it again.
static bool misses_link(const struct plan *plan, size_t first, size_t i) {
    const struct stencil *stencil = plan->picked[i]->stencil;
    bool wants =
        !stencil->handover.is_called && (stencil->inputs & link_of(plan)) != 0;
    bool is_changed = false;
    for (size_t k = first; k < i; k++)
        is_changed |= plan->picked[k]->stencil->handover.is_called;
    return wants && is_changed;
}

static void fill_runs(struct plan *plan, size_t first, size_t count,
                      uint64_t live_va, regset live, uint64_t red_va) {
    const struct abi *abi = &plan->arch->abi;
    size_t end = first + count;
    while (first < end) {
        bool turns = turns_result(plan, first);
        size_t next = first + 1;
        while (next < end && turns_result(plan, next) == turns &&
               !misses_link(plan, first, next))
            next++;
        if (turns) {
            // Both are asked again when the result is turned back.
            live |= REG_BIT(abi->syscall_result) | REG_BIT(abi->flags) |
                    (abi->flag_parts & abi->caller_saved);
            plan->arch->turn_result(&plan->text);
        }
        fill_run(plan, first, next - first, live_va, live, red_va);
        if (turns)
            plan->arch->turn_result(&plan->text);
        first = next;
    }
}

void fill_group(struct plan *plan, size_t first, size_t count, uint64_t live_va,
                regset live, uint64_t red_va) {
    unsigned mode = plan->arch->mode, stencil_mode = plan->stencil_arch->mode;
    if (mode == stencil_mode || count == 0) {
        fill_runs(plan, first, count, live_va, live, red_va);
        return;
    }
    plan->arch->go_on_in(stencil_mode, plan_text_end(plan), &plan->text);
    ways_enter_mode(plan, stencil_mode);
    frames_mark_code(plan);
    fill_runs(plan, first, count, live_va, live, red_va);
    plan->arch->go_on_in(mode, plan_text_end(plan), &plan->text);
    ways_enter_mode(plan, mode);
    frames_mark_code(plan);
}
