// pools.c: the constants that copies of stencils load relative to the pc.
//
// Where the machine's instructions hold no address, code loads constants from
// memory close by. They wait until control goes elsewhere, and then follow:
//
//     ldr  r0, word          (stencil)
//     add  r0, pc
//       ...
//     b    back              the window's end
//     word: .long ...
//
// A load reaches a kilobyte. Before that is used up the constants are put
// between two stencils, copied or called, and jumped over.

#include "rewrite/plan.h"

// From the first copy that waits up to its constants, with room for what a
// window's end may write before they are asked for.
#define REACH_MOST 700

static uint32_t waiting_len(const struct plan *plan) {
    uint32_t len = 0;
    for (size_t i = plan->pool_first; i < plan->pool_count; i++)
        len += (uint32_t)plan->pools[i].stencil->pool.n;
    return len;
}

// A point as it reads at another offset: what its value is relative to stays.
static void fill_moved(struct plan *plan, const struct pool *pool,
                       const struct patch_point *from, uint32_t off) {
    struct patch_point *point = ARENA_NEW(plan->arena, struct patch_point);
    *point = *from;
    point->off = off - pool->text_off;
    if (point->reloc->pc_relative)
        point->addend += (int64_t)point->off - (int64_t)from->off;
    fill_points(plan, pool->text_off, point, 1, pool->holes, 0);
}

static void write_pool(struct plan *plan, const struct pool *pool) {
    const struct stencil *stencil = pool->stencil;
    uint32_t off = (uint32_t)plan->text.n;
    bytes_add(&plan->text, stencil->pool.p, stencil->pool.n);
    for (uint32_t i = 0; i < stencil->load_count; i++) {
        const struct literal_load *load = &stencil->loads[i];
        uint32_t at = pool->text_off + load->off;
        uint64_t at_va = plan->text_va + at;
        if (!plan->stencil_arch->aim_load(plan->text.p + at, at_va,
                                          plan->text_va + off +
                                              load->word_off) &&
            !plan->failed) {
            diag_error_at(plan->diag, R_ROOM, NULL,
                          "added code at 0x%llx does not reach its constants",
                          (unsigned long long)at_va);
            plan->failed = true;
        }
    }
    for (uint32_t i = 0; i < stencil->pool_point_count; i++) {
        const struct patch_point *point = &stencil->pool_points[i];
        fill_moved(plan, pool, point, off + point->off - stencil->pool_off);
    }
}

void pools_add(struct plan *plan, const struct pool *pool) {
    if (pool->stencil->pool.n > 0)
        *ARENA_PUSH(plan->arena, plan->pools, plan->pool_count,
                    plan->pool_room) = *pool;
}

void pools_write(struct plan *plan) {
    if (plan->pool_first == plan->pool_count)
        return;
    bytes_align(&plan->text, POOL_ALIGN, plan->arch->padding_byte);
    frames_mark_data(plan);
    for (size_t i = plan->pool_first; i < plan->pool_count; i++)
        write_pool(plan, &plan->pools[i]);
    frames_mark_code(plan);
    plan->pool_first = plan->pool_count;
}

void pools_make_room(struct plan *plan, const struct stencil *next) {
    size_t len = waiting_len(plan);
    if (next)
        len += next->code.n + next->pool.n;
    if (plan->pool_first == plan->pool_count ||
        plan->text.n + len - plan->pools[plan->pool_first].text_off <
            REACH_MOST)
        return;
    uint64_t from_va = plan_text_end(plan);
    uint64_t to_va = from_va + plan->near->len;
    to_va = (to_va + POOL_ALIGN - 1) & ~(uint64_t)(POOL_ALIGN - 1);
    plan->arch->jump(plan->near, from_va, to_va + waiting_len(plan),
                     &plan->text);
    pools_write(plan);
}
