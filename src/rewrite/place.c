// place.c: the instruction at which a shot has to run.
//
// Mostly the site's own. But endbr64 must stay first where it stands, so what
// fires there runs at the instruction behind it, for who comes by way of it;
// and what fires after a system call runs at the next instruction, so that the
// system call stays in place, unless control may arrive there otherwise.

#include "rewrite/plan.h"

// Whether shots after the system call at va can wait for the next
// instruction.
static bool can_wait(const struct plan *plan, size_t first, uint64_t next_va) {
    const struct rewrite_input *input = plan->input;
    uint64_t va = input->shots[first].site->va;
    const struct function *function =
        program_function_at(plan->program, next_va);
    if (function == NULL ||
        (function->flags & (FUNCTION_OPAQUE | FUNCTION_UNSURE)) ||
        program_is_target(plan->program, next_va))
        return false;
    for (size_t i = first; i < input->shot_count; i++) {
        const struct site *site = input->shots[i].site;
        if (site->program == NULL || site->va != va)
            break;
        if (site->kind == SITE_SYSCALL_RETURN && site->selector >= 0)
            return false;
    }
    return true;
}

static uint64_t place_va(struct plan *plan, size_t shot, bool *displace) {
    const struct site *site = plan->input->shots[shot].site;
    struct insn insn;
    *displace = false;
    if (!program_is_insn(plan->program, site->va) ||
        !window_decode(plan, site->va, &insn))
        return site->va;
    uint64_t next_va = site->va + insn.len;
    if (insn.flags & INSN_LANDING)
        return next_va;
    if (site->kind == SITE_SYSCALL_RETURN) {
        // Sites of the instruction before this shot decide as this one does.
        if (can_wait(plan, shot, next_va))
            return next_va;
        *displace = true;
    }
    *displace |= site->kind == SITE_RETURN && exit_is_conditional(site->exit);
    return site->va;
}

void place_all(struct plan *plan) {
    const struct rewrite_input *input = plan->input;
    for (size_t i = 0; i < input->shot_count; i++) {
        bool displace;
        if (input->shots[i].site->program == NULL)
            continue;
        uint64_t va = place_va(plan, i, &displace);
        struct place *last =
            plan->place_count > 0 ? &plan->places[plan->place_count - 1] : NULL;
        if (last == NULL || last->va != va) {
            last = ARENA_PUSH(plan->arena, plan->places, plan->place_count,
                              plan->place_room);
            *last = (struct place){.va = va, .first = (uint32_t)i};
        }
        last->count = (uint32_t)(i - last->first) + 1;
        last->displace |= displace;
    }
}

const char *place_forbids(const struct plan *plan, const struct place *place) {
    if (stackless_forbids(plan, place))
        return plan->program->image->is_bare
                   ? "there is no stack yet"
                   : "its thread may have given back its stack";
    if (program_is_reserved(plan->program, place->va))
        return "it stands between a load-linked and its store-conditional";
    return NULL;
}

const struct place *place_at(const struct plan *plan, uint64_t va) {
    size_t low;
    LOWER_BOUND(low, plan->place_count, plan->places[low].va < va);
    return low < plan->place_count && plan->places[low].va == va
               ? &plan->places[low]
               : NULL;
}
