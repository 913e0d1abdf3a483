// called.c: which shapes stand once, and are called.
//
// A copy at every site costs its length each time; a call costs some bytes a
// site, and at run time the call, the return, the address of what differs from
// site to site and, on most machines, saving the link register: six to ten
// instructions. So what is short is copied, and what would not save a page.
// Without an operating system bytes are worth more than instructions.
//
// What a shape is, is seen from its code: one that calls nothing executes what
// it has, others many times that.

#include "cmd/job.h"

enum { LONG = 40, LONG_ALONE = 192, LONG_BARE = 20 }; // instructions
enum { WORTH = 4096, WORTH_BARE = 64 };               // bytes saved

struct use {
    size_t most;  // sites in one image
    size_t here;  // in the image at hand
    bool is_wide; // a value does not fit 32 bits
};

static struct use *find_uses(const struct job *job) {
    size_t shape_count = job->folder.shape_count;
    struct use *uses = ARENA_ARRAY(job->arena, struct use, shape_count + 1);
    for (size_t i = 0; i < job->unit_count; i++) {
        const struct unit *unit = &job->units[i];
        for (size_t k = 0; k < shape_count; k++)
            uses[k].here = 0;
        for (size_t k = 0; k < unit->shot_count; k++) {
            struct use *use = &uses[unit->shapes[k]];
            const struct ir_clause *shape =
                job->folder.shape_list[unit->shapes[k]];
            for (uint32_t h = 0; h < shape->hole_count; h++)
                use->is_wide |= unit->shots[k].holes[h] > UINT32_MAX;
            if (++use->here > use->most)
                use->most = use->here;
        }
    }
    return uses;
}

static bool pays(const struct job *job, const struct stencil *stencil,
                 size_t sites) {
    size_t len = stencil->code.n + stencil->pool.n;
    if (sites < 2)
        return false;
    if (job->has_call_above)
        return stencil->insn_count > job->call_above;
    if (job->is_bare)
        return stencil->insn_count > LONG_BARE &&
               len * (sites - 1) >= WORTH_BARE;
    return stencil->insn_count > (stencil->call_count ? LONG : LONG_ALONE) &&
           len * (sites - 1) >= WORTH;
}

const struct handover *called_choose(const struct job *job,
                                     const struct codegen_input *input) {
    struct handover *handovers =
        ARENA_ARRAY(job->arena, struct handover, input->shape_count + 1);
    const struct use *uses = find_uses(job);
    bool any = false;
    for (size_t i = 0; i < input->shape_count; i++) {
        struct handover *handover = &handovers[i];
        handover->is_called =
            pays(job, &job->stencils.stencils[i], uses[i].most) &&
            shape_handover(input->shapes[i], input->arch, handover);
        handover->value_len = uses[i].is_wide ? 8 : 4;
        any |= handover->is_called;
    }
    return any ? handovers : NULL;
}
