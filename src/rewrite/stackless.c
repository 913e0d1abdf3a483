// stackless.c: code that runs when its stack may be gone.
//
// A thread that gives back its own stack (musl's __unmapself) does so by
// munmap, and then ends by exit, without touching memory in between: there is
// none. What is to happen in that stretch must not use the stack either. A
// counter does not; anything more is missed, and said to be.

#include "rewrite/plan.h"

#define LONGEST 64 // bytes from one system call to the other

// Whether nothing from the first system call up to the second uses the stack.
static bool leaves_stack(struct plan *plan, uint64_t from_va, uint64_t to_va) {
    struct insn insn;
    uint64_t va = from_va;
    while (va < to_va) {
        if (!window_decode(plan, va, &insn) ||
            (va != from_va &&
             (insn.flags & INSN_USES_SP || insn.kind != INSN_PLAIN)))
            return false;
        va += insn.len;
    }
    return va == to_va;
}

void stackless_find(struct plan *plan) {
    const struct program *program = plan->program;
    uint32_t munmap_, exit_;
    if (program->image->is_bare) {
        bare_find_stackless(plan);
        return;
    }
    if (!arch_syscall_number(plan->arch, STR("munmap"), &munmap_) ||
        !arch_syscall_number(plan->arch, STR("exit"), &exit_))
        return;
    for (size_t i = 1; i < program->syscall_count; i++) {
        const struct syscall_site *last = &program->syscalls[i];
        const struct syscall_site *first = last - 1;
        if (last->number == (int64_t)exit_ &&
            first->number == (int64_t)munmap_ &&
            last->va - first->va <= LONGEST &&
            leaves_stack(plan, first->va, last->va))
            *ARENA_PUSH(plan->arena, plan->stackless, plan->stackless_count,
                        plan->stackless_room) =
                (struct stackless){first->va, last->va};
    }
}

static bool uses_stack(const struct plan *plan, const struct place *place) {
    uint8_t reg = plan->arch->abi.flags;
    regset flags = reg == REG_NONE ? 0 : REG_BIT(reg);
    for (uint32_t i = 0; i < place->count; i++) {
        const struct stencil *stencil =
            plan->input->shots[place->first + i].stencil;
        if (stencil_uses_stack(plan, stencil) ||
            called_clobbers(plan, stencil) != 0 ||
            (stencil->clobbers & ~flags) != 0)
            return true;
    }
    return false;
}

bool stackless_forbids(const struct plan *plan, const struct place *place) {
    bool is_bare = plan->program->image->is_bare;
    for (size_t i = 0; i < plan->stackless_count; i++) {
        const struct stackless *gone = &plan->stackless[i];
        bool is_first = place->va == gone->first_va;
        if ((place->va > gone->first_va || (is_bare && is_first)) &&
            place->va <= gone->last_va)
            return uses_stack(plan, place);
        // What fires after the first one runs here as well.
        if (is_first && place->displace)
            return uses_stack(plan, place);
    }
    return false;
}
