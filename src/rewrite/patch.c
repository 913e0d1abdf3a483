// patch.c: the bytes that change in place.
//
// A window gets its jump, and the rest of the last instruction that the jump
// covers in part is filled; whole instructions behind it stay as they are, so
// that whatever comes there against all analysis still finds them.

#include "rewrite/plan.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void patch_add(struct plan *plan, uint64_t va, const void *bytes, size_t len) {
    assert(bytes);
    uint8_t *copy = arena_alloc(plan->arena, len);
    memcpy(copy, bytes, len);
    *ARENA_PUSH(plan->arena, plan->patches, plan->patch_count,
                plan->patch_room) = (struct image_patch){va, {copy, len}};
}

void patch_jump(struct plan *plan, struct bytes *out, uint64_t from,
                uint64_t to, const struct reach *reach) {
    int64_t distance = (int64_t)(to - from);
    if ((distance < reach->min || distance > reach->max) && !plan->failed) {
        diag_error_at(plan->diag, R_ROOM, NULL,
                      "a jump at 0x%llx does not reach 0x%llx",
                      (unsigned long long)from, (unsigned long long)to);
        plan->failed = true;
        return;
    }
    plan->arch->jump(reach, from, to, out);
}

// Fills up to the end of the last instruction that is covered in part.
static void fill_rest(struct plan *plan, const struct window *window,
                      struct bytes *out) {
    struct insn insn;
    uint64_t va = window->va;
    while (va < window->va + window->len && va < window->va + out->n) {
        if (!window_decode(plan, va, &insn))
            return;
        va += insn.len;
    }
    while (out->n < va - window->va)
        bytes_u8(out, plan->arch->padding_byte);
}

static void patch_window(struct plan *plan, struct window *window) {
    struct bytes out = {.arena = plan->arena, .order = plan->arch->order};
    uint64_t to = plan->text_va + window->text_off;
    ways_enter_mode(plan, program_mode_at(plan->program, window->va));
    relay_patch(plan, window);
    if (window->flags & WINDOW_UNENTERED)
        return;
    if (window->relay_va != 0 && !(window->flags & WINDOW_BY_CALL))
        to = window->relay_va;
    if (window->island_va != 0) {
        patch_jump(plan, &out, window->island_va, to, window->reach);
        if (plan->failed)
            return;
        patch_add(plan, window->island_va, out.p, out.n);
        out = (struct bytes){.arena = plan->arena, .order = plan->arch->order};
        patch_jump(plan, &out, window->va, window->island_va,
                   window->short_reach);
    } else if (window->flags & WINDOW_BY_CALL) {
        plan->arch->call(window->va, to, window->len, &out);
    } else {
        patch_jump(plan, &out, window->va, to, window->reach);
    }
    if (plan->failed)
        return;
    if (!(window->flags & WINDOW_BY_CALL))
        fill_rest(plan, window, &out);
    patch_add(plan, window->va, out.p, out.n);
}

void patch_windows(struct plan *plan) {
    window_unbar(plan);
    for (size_t i = 0; i < plan->window_count && !plan->failed; i++)
        patch_window(plan, &plan->windows[i]);
    relay_patch_exits(plan);
}

static bool is_patched(const struct plan *plan, uint64_t va) {
    for (size_t i = 0; i < plan->patch_count; i++)
        if (plan->patches[i].va == va)
            return true;
    return false;
}

// A program looks at a probe's semaphore, in its data, before it computes what
// it would pass; there is one more now who listens.
void patch_semaphores(struct plan *plan) {
    const struct rewrite_input *input = plan->input;
    enum byte_order order = plan->arch->order;
    for (size_t i = 0; i < input->shot_count; i++) {
        const struct marker *marker = input->shots[i].site->marker;
        uint64_t va = marker ? marker->semaphore_va : 0;
        struct slice before = image_bytes(plan->program->image, va);
        if (va == 0 || before.n < 2 || is_patched(plan, va))
            continue;
        uint8_t bytes[2];
        store_uint(bytes, load_uint(before.p, 2, order) + 1, 2, order);
        patch_add(plan, va, bytes, sizeof bytes);
    }
}

static int compare_patches(const void *a, const void *b) {
    const struct image_patch *x = a, *y = b;
    return x->va < y->va ? -1 : x->va > y->va;
}

void patch_sort(struct plan *plan) {
    if (plan->patch_count > 0)
        qsort(plan->patches, plan->patch_count, sizeof *plan->patches,
              compare_patches);
}

struct slice patch_at(const struct plan *plan, uint64_t va) {
    size_t low;
    LOWER_BOUND(low, plan->patch_count, plan->patches[low].va < va);
    bool found = low < plan->patch_count && plan->patches[low].va == va;
    return found ? plan->patches[low].bytes : (struct slice){0};
}
