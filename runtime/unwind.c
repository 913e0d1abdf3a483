// unwind.c: stacks of the program, without frame pointers.
//
// A walk begins with the registers as they are at the site, and goes from
// frame to frame by rules: where the caller's frame is, and where the
// registers lie that this function had to save. Rules come from the call frame
// information of each image (frames.c) and are kept by address (rules.c), so
// that a stack that was seen before costs a look into a table and a few loads a
// frame. paths.c keeps whole walks.
//
// Where a signal was delivered its frame has all registers. Code without any
// information, such as code that the program makes, is taken to use frame
// pointers, if what would follow is code again.
//
// All of the program's memory is read as memory that may not be there. A frame
// must lie above the one before, so walks end.

#include "walk.h"

#define MOST_FRAMES (1u << 16)
#define FARTHEST    ((uint64_t)1 << 24) // to the next frame pointer

bool mct_unwind_load(uint64_t at, uint64_t *value, unsigned len) {
    *value = 0;
    return mct_read(mct_low_bytes(value, len), at, len);
}

// Frames are small: a block has the words of several.
static __attribute__((noinline)) bool
load_from_block(struct walk *walk, uint64_t at, uint64_t *value) {
    uint64_t from = at & -(uint64_t)BLOCK;
    if (at + MCT_WORD > from + BLOCK)
        return mct_unwind_load(at, value, MCT_WORD);
    if (walk->block_at != from) {
        walk->block_at = 0;
        if (!mct_read(walk->block, from, BLOCK))
            return false;
        walk->block_at = from;
    }
    *value = 0;
    mct_copy(mct_low_bytes(value, MCT_WORD), walk->block + (at - from),
             MCT_WORD);
    return true;
}

static bool load_word(struct walk *walk, uint64_t at, uint64_t *value) {
    if (walk->is_guarded)
        return sys_guarded_load(at, MCT_WORD, value);
    return load_from_block(walk, at, value);
}

static struct mct_unwind *unwind_get(void) {
    struct mct_unwind *unwind =
        __atomic_load_n(&mct_private.unwind, __ATOMIC_ACQUIRE);
    if (unwind)
        return unwind;
    struct mct_unwind *made = mct_map_private(sizeof *made);
    if (!made)
        return 0;
    if (__atomic_compare_exchange_n(&mct_private.unwind, &unwind, made, false,
                                    __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        return made;
    sys_call3(SYS_munmap, (long)made, sizeof *made, 0);
    return unwind;
}

// --- walks that are free -----------------------------------------------------

// The thread's own that were left by a jump out of a handler are free again.
static int take_left_walk(const struct mct_unwind *unwind, uint64_t owner) {
    for (int i = 0; owner != 0 && i < WALKS; i++)
        if (unwind->walks[i].owner == owner &&
            mct_is_left(unwind->walks[i].stack, sys_stack()))
            return i;
    return -1;
}

static int take_free_walk(struct mct_unwind *unwind) {
    for (int i = 0; i < WALKS; i++)
        if (!(__atomic_fetch_or(&unwind->walks_taken, 1u << i,
                                __ATOMIC_ACQUIRE) >>
                  i &
              1))
            return i;
    return -1;
}

static int take_walk(struct mct_unwind *unwind) {
    const struct mct_process *process = mct_private.process;
    uint64_t owner = process && process->has_base ? sys_thread_base() : 0;
    int taken = take_free_walk(unwind);
    if (taken < 0)
        taken = take_left_walk(unwind, owner);
    if (taken >= 0) {
        unwind->walks[taken].owner = owner;
        unwind->walks[taken].stack = sys_stack();
    }
    return taken;
}

static bool is_code(struct mct_unwind *unwind, uint64_t at) {
    struct mct_module module;
    return mct_module_at(&unwind->modules, at, &module) != MCT_FOUND_NOTHING;
}

// --- steps -------------------------------------------------------------------

static bool load_saved(struct walk *walk, const struct mct_rule *rule,
                       const uint64_t *values, unsigned i) {
    walk->regs[i] = 0;
    walk->sources[i] = LOST;
    if (rule->bases[i] == MCT_BASE_NONE)
        return true;
    uint64_t at = values[rule->bases[i]] + (uint64_t)(int64_t)rule->offs[i];
    walk->sources[i] = (int64_t)(at - walk->state->regs[MCT_BASE_SP]);
    return load_word(walk, at, &walk->regs[i]);
}

// The caller's registers; `values` are the function's own.
static bool restore(struct walk *walk, const struct mct_rule *rule,
                    uint64_t cfa) {
    uint64_t *values = walk->values;
    unsigned changed = rule->changed;
    if (!walk->is_full)
        changed &= 1u << MCT_BASE_FP;
    if (changed == 0)
        return true;
    for (unsigned i = 0; i < MCT_BASES; i++)
        values[i] = walk->regs[i];
    values[MCT_BASE_CFA] = cfa;
    for (unsigned i = 0; changed >> i != 0; i++)
        if ((changed >> i & 1) && !load_saved(walk, rule, values, i))
            return false;
    return true;
}

// Whether it takes more registers than a quick walk follows.
static bool is_for_full(const struct mct_rule *rule) {
    uint8_t fp = rule->changed & 1u << MCT_BASE_FP ? rule->bases[MCT_BASE_FP]
                                                   : MCT_BASE_CFA;
    return (rule->base != MCT_BASE_SP && rule->base != MCT_BASE_FP) ||
           (fp < MCT_BASES && fp != MCT_BASE_SP && fp != MCT_BASE_FP);
}

// The caller's program counter: where the link register is right, or saved.
static bool load_return(struct walk *walk, const struct mct_rule *rule,
                        uint64_t cfa) {
#ifdef SYS_BASE_LINK
    uint64_t link = walk->regs[SYS_BASE_LINK];
    if (rule->in_link && walk->path && walk->is_first)
        walk->path->link = link;
    else if (rule->in_link)
        mct_path_drop(walk);
    if (rule->in_link) {
        walk->pc = sys_code_address(link);
        return walk->is_exact;
    }
#endif
    uint64_t ra_at = cfa + (uint64_t)(int64_t)rule->ra_off, value;
    if (!load_word(walk, ra_at, &value))
        return false;
    mct_path_check(walk, ra_at, value, false);
    walk->pc = sys_code_address(value);
    return true;
}

static bool step_frame(struct walk *walk, const struct mct_rule *rule) {
    uint64_t sp = walk->regs[MCT_BASE_SP];
    if (!walk->is_full && is_for_full(rule)) {
        walk->wants_full = true;
        return false;
    }
    mct_path_base(walk, rule);
    uint64_t cfa = walk->regs[rule->base] + (uint64_t)(int64_t)rule->off;
    if (rule->is_word) {
        if (!load_word(walk, cfa, &cfa))
            return false;
        cfa += (uint64_t)(int64_t)rule->plus;
    }
    if (cfa < sp || (cfa == sp && !rule->in_link) ||
        !load_return(walk, rule, cfa) || !restore(walk, rule, cfa))
        return false;
    walk->regs[MCT_BASE_SP] = cfa;
    walk->is_exact = false;
    return true;
}

// The kernel's ucontext lies where sp is, when the handler has returned.
static __attribute__((noinline)) bool step_signal(struct walk *walk,
                                                  const struct mct_rule *rule) {
    static const uint8_t words[] = SYS_SIGNAL_WORDS;
    uint64_t at =
        (uintptr_t)(walk->regs[MCT_BASE_SP] + (uint64_t)(int64_t)rule->off);
    mct_path_drop(walk);
    for (unsigned i = 0; i < MCT_BASES; i++)
        if (!load_word(walk, at + MCT_WORD * words[i], &walk->regs[i]))
            return false;
    walk->is_exact = true;
    return load_word(walk, at + MCT_WORD * words[MCT_BASES], &walk->pc);
}

// Where the caller's frame pointer and, behind it, the return address lie, from
// the frame pointer on.
#ifndef SYS_RECORD_OFF
#define SYS_RECORD_OFF 0
#endif

static __attribute__((noinline)) bool step_pointer(struct walk *walk) {
    uint64_t sp = walk->regs[MCT_BASE_SP], fp = walk->regs[MCT_BASE_FP], pc;
    mct_path_drop(walk);
    walk->is_exact = false;
#ifdef SYS_BASE_LINK
    if (walk->is_first && walk->state->ra_off == MCT_RA_LINK) {
        walk->pc = sys_code_address(walk->regs[SYS_BASE_LINK]);
        return true;
    }
#endif
    if (walk->is_first && walk->state->ra_off != MCT_NO_RA) {
        walk->regs[MCT_BASE_SP] = sp + walk->state->ra_off + MCT_WORD;
        return load_word(walk, sp + walk->state->ra_off, &walk->pc);
    }
    uint64_t record = fp + (uint64_t)SYS_RECORD_OFF;
    if (fp % MCT_WORD != 0 || record < sp || record - sp > FARTHEST ||
        !load_word(walk, record + MCT_WORD, &pc) ||
        !is_code(walk->unwind, sys_code_address(pc)) ||
        !load_word(walk, record, &walk->regs[MCT_BASE_FP]))
        return false;
    walk->regs[MCT_BASE_SP] = record + 2 * MCT_WORD;
    walk->pc = sys_code_address(pc);
    return true;
}

// False: there is no caller; or it cannot be found, and `is_known` is false.
static bool step(struct walk *walk, bool *is_known) {
    const struct mct_rule *rule = mct_find_rule(walk);
    *is_known = true;
    switch ((enum mct_rule_kind)rule->kind) {
    case MCT_RULE_FRAME: *is_known = step_frame(walk, rule); break;
    case MCT_RULE_SIGNAL: *is_known = step_signal(walk, rule); break;
    case MCT_RULE_NONE: *is_known = step_pointer(walk); break;
    case MCT_RULE_LAST: return false;
    }
    walk->is_first = false;
    return *is_known && walk->pc != 0;
}

// --- stacks ------------------------------------------------------------------

static void begin(struct walk *walk, struct mct_unwind *unwind,
                  const struct mct_site_state *state, bool is_full) {
    walk->unwind = unwind;
    walk->state = state;
    walk->pc = state->va + ((uint64_t)&mct_config - mct_config.own_va);
    for (unsigned i = 0; i < MCT_BASES; i++)
        walk->regs[i] = state->regs[i];
    walk->is_exact = walk->is_first = true;
    walk->path = 0;
    walk->is_full = is_full;
    walk->wants_full = false;
    walk->block_at = 0;
}

// As far as quick rules go; the number of frames that were found.
static uint64_t walk_quickly(struct walk *walk, uint64_t *frames,
                             uint64_t most) {
    uint64_t pc = walk->pc, key = pc - !walk->is_exact, count = 0;
    uint64_t sp = walk->regs[MCT_BASE_SP], fp = walk->regs[MCT_BASE_FP];
    while (count < most) {
        const struct quick *quick = quick_slot(walk->unwind, key);
        uint64_t word = mct_word_seen(&quick->word);
        uint64_t known = mct_word_seen(&quick->pc);
        uint64_t cfa = (word & 4 ? fp : sp) + (uint64_t)((int64_t)word >> 32);
        uint64_t saved = cfa + (uint64_t)((int64_t)(word << 32) >> 48) * 8;
        uint64_t next, next_fp = fp;
        if (known != key || (word & 0xfff1) != (quick_mark(key) | 1) ||
            cfa <= sp ||
            !sys_guarded_load(quick_return(cfa, saved), MCT_WORD, &next) ||
            (word & 8 && !sys_guarded_load(saved, MCT_WORD, &next_fp)) ||
            next == 0)
            break;
        pc = sys_code_address(next);
        key = pc - 1;
        sp = cfa;
        fp = next_fp;
        if (frames)
            frames[count] = pc;
        count++;
    }
    if (count > 0)
        walk->is_first = walk->is_exact = false;
    walk->pc = pc;
    walk->regs[MCT_BASE_SP] = sp;
    walk->regs[MCT_BASE_FP] = fp;
    return count;
}

static uint64_t walk_all(struct walk *walk, uint64_t *frames, uint64_t most) {
    uint64_t count = 0;
    bool is_known = true, goes_on = true;
    bool is_quick = walk->is_guarded && !walk->is_full && !walk->path;
    while (goes_on) {
        if (frames)
            frames[count] = walk->pc;
        count++;
        mct_path_frame(walk);
        if (is_quick)
            count +=
                walk_quickly(walk, frames ? frames + count : 0, most - count);
        goes_on = count < most && step(walk, &is_known);
    }
    mct_path_end(walk, count < most && is_known, is_known);
    return count;
}

// A profile's site is wherever the thread was interrupted. NULL: there is none.
static const struct mct_site_state *
interrupted_site(struct mct_site_state *room) {
    static const uint8_t places[] = SYS_SIGNAL_WORDS;
    struct mct_process *process = mct_private.process;
    struct mct_thread *thread = process ? mct_thread_get(process) : 0;
    if (!thread || !thread->interrupted)
        return 0;
    const uintptr_t *words = thread->interrupted;
    for (unsigned i = 0; i < MCT_BASES; i++)
        room->regs[i] = words[places[i]];
    room->va =
        words[places[MCT_BASES]] - ((uint64_t)&mct_config - mct_config.own_va);
    room->ra_off = MCT_NO_RA;
    return room;
}

// The word that a path is found by.
static bool load_caller(const struct mct_site_state *state, uint64_t *caller) {
#ifdef SYS_BASE_LINK
    if (state->ra_off == MCT_RA_LINK) {
        *caller = state->regs[SYS_BASE_LINK];
        return true;
    }
#endif
    return state->ra_off != MCT_NO_RA &&
           sys_guarded_load(state->regs[MCT_BASE_SP] + state->ra_off, MCT_WORD,
                            caller);
}

// At most `most` frames; `frames` may be NULL, to count them.
static __attribute__((noinline)) uint64_t follow_from(
    const struct mct_site_state *state, uint64_t *frames, uint64_t most) {
    struct mct_unwind *unwind = unwind_get();
    if (most == 0 || !unwind)
        return 0;
    struct path *path = 0;
    uint64_t count, caller;
    bool is_guarded = mct_may_fault();
    if (is_guarded && load_caller(state, &caller)) {
        path = mct_path_of(unwind, state, caller);
        if ((count = mct_path_take(path, state, frames, most)) != 0)
            return count;
    }
    int taken = take_walk(unwind);
    if (taken < 0)
        return 0;
    struct walk *walk = &unwind->walks[taken];
    walk->is_guarded = is_guarded;
    for (int is_full = 0;; is_full++) {
        begin(walk, unwind, state, is_full);
        if (path)
            mct_path_begin(walk, path);
        count = walk_all(walk, frames, most);
        if (!walk->wants_full)
            break;
    }
    __atomic_fetch_and(&unwind->walks_taken, ~(1u << taken), __ATOMIC_RELEASE);
    return count;
}

static __attribute__((noinline)) uint64_t follow_interrupted(uint64_t *frames,
                                                             uint64_t most) {
    struct mct_site_state room;
    const struct mct_site_state *state = interrupted_site(&room);
    return state ? follow_from(state, frames, most) : 0;
}

static uint64_t follow(const struct mct_site_state *state, uint64_t *frames,
                       uint64_t most) {
    return state->va != 0 ? follow_from(state, frames, most)
                          : follow_interrupted(frames, most);
}

// Readers get the list of what is loaded whenever it was looked at anew.
static void tell(struct mct_unwind *unwind) {
    struct mct_modules *modules = &unwind->modules;
    struct mct_process *process = mct_process_get();
    struct mct_thread *thread = process ? mct_thread_get(process) : 0;
    if (!thread)
        return;
    uint64_t mask = mct_hold_signals();
    if (!__atomic_exchange_n(&modules->is_told, 1, __ATOMIC_ACQ_REL))
        mct_record_apart(thread, MCT_ENABLING_MAPS, modules->text,
                         modules->text_len);
    mct_release_signals(mask);
}

static uint64_t follow_and_tell(uint64_t state, uint64_t *frames,
                                uint64_t most) {
    uint64_t count = follow((const struct mct_site_state *)state, frames, most);
    struct mct_unwind *unwind = mct_private.unwind;
    struct mct_module module;
    // The walk has looked at all but the last of as many as were wanted.
    if (unwind && count > 0 && count == most)
        mct_module_at(&unwind->modules, frames[count - 1], &module);
    if (unwind && !unwind->modules.is_told && unwind->modules.count != 0)
        tell(unwind);
    return count;
}

void mct_record_stack(struct mct_firing *firing, uint64_t state,
                      uint64_t most) {
    uint64_t *to = (uint64_t *)firing->tail;
    uint64_t count = follow_and_tell(state, to + 1, most);
    ((uint32_t *)to)[0] = (uint32_t)count;
    ((uint32_t *)to)[1] = 0;
    firing->tail = (uint8_t *)(to + 1 + count);
}

uint64_t mct_key_stack(uint64_t *to, uint64_t state) {
    uint64_t most = ((const struct mct_site_state *)state)->most;
    to[0] = follow_and_tell(state, to + 1, most);
    return 1 + to[0];
}

uint32_t mct_ustackdepth(uint64_t state) {
    return (uint32_t)follow((const struct mct_site_state *)state, 0,
                            MOST_FRAMES);
}

uint64_t mct___pc(uint64_t state) {
    uint64_t pc;
    return follow((const struct mct_site_state *)state, &pc, 1) ? pc : 0;
}

uint64_t mct_symbol(uint64_t address) {
    struct mct_unwind *unwind = unwind_get();
    struct mct_module module;
    if (!unwind)
        return address;
    mct_module_at(&unwind->modules, address, &module);
    if (!unwind->modules.is_told && unwind->modules.count != 0)
        tell(unwind);
    return address;
}
