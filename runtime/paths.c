// paths.c: walks of the stack that go as one went before.
//
// What a site's probe finds is nearly always what it found there before, when
// it was called from the same place. A walk that was made step by step notes
// the words that it went by; if they are the same again, at the same distances
// from the stack pointer, its frames are the same.

#include "walk.h"

struct path *mct_path_of(struct mct_unwind *unwind,
                         const struct mct_site_state *state, uint64_t caller) {
    uint64_t hash = (state->va ^ caller << 7) * 0x9e3779b97f4a7c15u;
    return &unwind->paths[hash >> 32 & (PATHS - 1)];
}

// Whether the stack is as it was; the loads do not depend on each other.
static bool path_holds(const struct path *path,
                       const struct mct_site_state *state) {
    uint64_t sp = state->regs[MCT_BASE_SP], different = 0;
    uint32_t count = path->check_count;
    for (uint32_t i = 0; i < count && i < CHECKS; i++) {
        const struct check *check = &path->checks[i];
        uint64_t word;
        if (!sys_guarded_load(sp + (uint64_t)(int64_t)check->off, MCT_WORD,
                              &word))
            return false;
        different |=
            (word - (sp & -(uint64_t)check->is_relative)) ^ check->value;
    }
    if (path->base < MCT_BASES)
        different |= state->regs[path->base] - sp -
                     (uint64_t)(int64_t)(int32_t)path->base_off;
#ifdef SYS_BASE_LINK
    if (path->link != 0)
        different |= state->regs[SYS_BASE_LINK] ^ path->link;
#endif
    return different == 0;
}

uint64_t mct_path_take(const struct path *path,
                       const struct mct_site_state *state, uint64_t *frames,
                       uint64_t most) {
    uint32_t version = __atomic_load_n(&path->version, __ATOMIC_ACQUIRE);
    uint64_t count = path->frame_count;
    if (path->va != state->va || version % 2 != 0 || count > PATH_FRAMES ||
        (most > count && !path->is_whole) || !path_holds(path, state))
        return 0;
    count = count < most ? count : most;
    for (uint64_t i = 0; frames && i < count; i++)
        frames[i] = path->frames[i];
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    return __atomic_load_n(&path->version, __ATOMIC_RELAXED) == version ? count
                                                                        : 0;
}

void mct_path_begin(struct walk *walk, struct path *path) {
    uint32_t version = __atomic_load_n(&path->version, __ATOMIC_RELAXED);
    uint32_t misses = path->misses;
    path->misses = misses + 1;
    if (misses % 8 != 0)
        return;
    if (version % 2 != 0 ||
        !__atomic_compare_exchange_n(&path->version, &version, version + 1,
                                     false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
        return;
    path->va = 0;
    path->frame_count = path->check_count = 0;
    path->base = MCT_BASE_NONE;
    path->link = 0;
    walk->path = path;
    for (unsigned i = 0; i < MCT_BASES; i++)
        walk->sources[i] = IN_REGISTER;
}

void mct_path_end(struct walk *walk, bool is_whole, bool is_good) {
    struct path *path = walk->path;
    if (!path)
        return;
    path->is_whole = is_whole;
    if (is_good)
        path->va = walk->state->va;
    __atomic_store_n(&path->version, path->version + 1, __ATOMIC_RELEASE);
    walk->path = 0;
}

void mct_path_drop(struct walk *walk) {
    mct_path_end(walk, false, false);
}

void mct_path_frame(struct walk *walk) {
    struct path *path = walk->path;
    if (path && path->frame_count < PATH_FRAMES)
        path->frames[path->frame_count++] = walk->pc;
    else if (path)
        mct_path_end(walk, false, true);
}

void mct_path_check(struct walk *walk, uint64_t at, uint64_t value,
                    bool is_relative) {
    struct path *path = walk->path;
    uint64_t sp = walk->state->regs[MCT_BASE_SP];
    int64_t off = (int64_t)(at - sp);
    if (!path)
        return;
    if (path->check_count == CHECKS || off != (int32_t)off) {
        mct_path_drop(walk);
        return;
    }
    path->checks[path->check_count++] = (struct check){
        is_relative ? value - sp : value, (int32_t)off, is_relative};
}

void mct_path_base(struct walk *walk, const struct mct_rule *rule) {
    struct path *path = walk->path;
    uint64_t value = walk->regs[rule->base];
    uint64_t sp = walk->state->regs[MCT_BASE_SP];
    if (!path || rule->base == MCT_BASE_SP)
        return;
    if (rule->is_word || walk->sources[rule->base] == LOST) {
        mct_path_drop(walk);
    } else if (walk->sources[rule->base] != IN_REGISTER) {
        mct_path_check(walk, sp + (uint64_t)walk->sources[rule->base], value,
                       true);
    } else if ((path->base != MCT_BASE_NONE && path->base != rule->base) ||
               (int64_t)(value - sp) != (int32_t)(value - sp)) {
        mct_path_drop(walk);
    } else {
        path->base = rule->base;
        path->base_off = (uint32_t)(value - sp);
    }
}
