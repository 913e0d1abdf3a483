// timers.c: probes that fire as time passes.
//
// Like BEGIN they have code that the runtime calls; it finds how often, and
// where, in a table of the read-only data (struct mct_timers).

#include "rewrite/plan.h"

#include "mctrace/region.h"

static bool is_timer(const struct site *site) {
    return site->kind == SITE_TICK || site->kind == SITE_PROFILE;
}

static bool is_known(const struct plan *plan, const struct site *site) {
    for (size_t i = 0; i < plan->timer_count; i++) {
        const struct site *known = plan->timers[i].site;
        if (known->kind == site->kind && known->va == site->va &&
            str_equal(known->name, site->name))
            return true;
    }
    return false;
}

void timers_find(struct plan *plan) {
    const struct rewrite_input *input = plan->input;
    for (size_t i = 0; i < input->shot_count; i++) {
        const struct site *site = input->shots[i].site;
        if (is_timer(site) && !is_known(plan, site))
            *ARENA_PUSH(plan->arena, plan->timers, plan->timer_count,
                        plan->timer_room) = (struct plan_timer){.site = site};
    }
}

uint64_t timers_len(const struct plan *plan) {
    return sizeof(struct mct_timers) +
           plan->timer_count * sizeof(struct mct_timer);
}

void timers_add_code(struct plan *plan) {
    for (size_t i = 0; i < plan->timer_count; i++) {
        struct plan_timer *timer = &plan->timers[i];
        timer->code_va = plan_text_end(plan);
        if (plan->arch->modes)
            timer->code_va |= plan->arch->mode;
        trampoline_function(plan, timer->site,
                            str_format(plan->arena, "mctrace:%.*s",
                                       STR_ARGS(timer->site->name)));
    }
}

void timers_write(const struct plan *plan, uint64_t va, struct bytes *out) {
    bytes_u64(out, plan->timer_count);
    for (size_t i = 0; i < plan->timer_count; i++) {
        const struct plan_timer *timer = &plan->timers[i];
        bytes_u64(out, timer->site->va);
        bytes_u64(out, timer->code_va - va);
        bytes_u64(out, timer->site->kind == SITE_PROFILE);
    }
}
