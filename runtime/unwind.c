// unwind.c: stacks of the program, without frame pointers.
//
// A walk begins with the registers as they are at the site, and goes from
// frame to frame by rules: where the caller's frame is, and where the
// registers lie that this function had to save. Rules come from the call frame
// information of each image (frames.c) and are kept by address, so that a
// stack that was seen before costs a look into a table and a few loads a frame:
//
//     quick[hash(pc)]   pc, its rule in one word, as most rules can be said
//     cache[hash(pc)]   pc, number of its rule
//     rules[number]     every rule once; a program has a few hundred
//     paths[hash(site)] a whole walk
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

// --- rules -------------------------------------------------------------------

static uint64_t *cache_slot(struct mct_unwind *unwind, uint64_t pc) {
    return &unwind->cache[pc * 0x9e3779b97f4a7c15u >> (64 - CACHE_LOG2)];
}

static struct quick *quick_slot(struct mct_unwind *unwind, uint64_t pc) {
    return &unwind->quick[(pc ^ pc >> CACHE_LOG2) & ((1 << CACHE_LOG2) - 1)];
}

static uint64_t quick_mark(uint64_t pc) {
    return (pc ^ pc >> 12) & 0xfff0;
}

// Where a quick rule has the return address.
static uint64_t quick_return(uint64_t cfa, uint64_t saved_fp_at) {
#ifdef SYS_RETURN_BY_FP
    (void)cfa;
    return saved_fp_at + MCT_WORD;
#else
    (void)saved_fp_at;
    return cfa - MCT_WORD;
#endif
}

static void keep_quick(struct mct_unwind *unwind, uint64_t pc,
                       const struct mct_rule *rule) {
    bool saves_fp = (rule->changed >> MCT_BASE_FP & 1) != 0;
    int32_t fp_off = saves_fp ? rule->offs[MCT_BASE_FP] : 0;
    uint64_t ra_at = quick_return(0, (uint64_t)(int64_t)fp_off);
    if (rule->kind != MCT_RULE_FRAME || rule->is_word || rule->in_link ||
        (uint64_t)(int64_t)rule->ra_off != ra_at ||
        (rule->base != MCT_BASE_SP && rule->base != MCT_BASE_FP) ||
        (saves_fp && rule->bases[MCT_BASE_FP] != MCT_BASE_CFA) ||
        fp_off % 8 != 0 || fp_off / 8 != (int16_t)(fp_off / 8))
        return;
    struct quick *quick = quick_slot(unwind, pc);
    uint64_t word = (uint64_t)(uint32_t)rule->off << 32 |
                    (uint64_t)(uint16_t)(fp_off / 8) << 16 | quick_mark(pc) |
                    (uint64_t)saves_fp << 3 |
                    (uint64_t)(rule->base == MCT_BASE_FP) << 2 | 1;
    mct_word_put(&quick->word, word);
    mct_word_put(&quick->pc, pc);
}

static bool same_rule(const struct mct_rule *a, const struct mct_rule *b) {
    const uint32_t *x = (const uint32_t *)a, *y = (const uint32_t *)b;
    uint32_t differences = 0;
    for (unsigned i = 0; i < sizeof *a / sizeof *x; i++)
        differences |= x[i] ^ y[i];
    return differences == 0;
}

static uint32_t hash_rule(const struct mct_rule *rule) {
    const uint32_t *words = (const uint32_t *)rule;
    uint64_t hash = 0;
    for (unsigned i = 0; i < sizeof *rule / sizeof *words; i++)
        hash = (hash ^ words[i]) * 0x9e3779b97f4a7c15u;
    return (uint32_t)(hash >> 40) % HEADS;
}

static uint32_t add_rule(struct mct_unwind *unwind, const struct mct_rule *rule,
                         uint32_t hash) {
    uint32_t is_free = 0, number = 0;
    uint64_t mask = mct_hold_signals();
    if (__atomic_compare_exchange_n(&unwind->is_adding, &is_free, 1, false,
                                    __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
        if (unwind->rule_count < RULES - 1) {
            number = ++unwind->rule_count;
            unwind->rules[number] = *rule;
            unwind->next[number] = unwind->heads[hash];
            __atomic_store_n(&unwind->heads[hash], (uint16_t)number,
                             __ATOMIC_RELEASE);
        }
        __atomic_store_n(&unwind->is_adding, 0, __ATOMIC_RELEASE);
    }
    mct_release_signals(mask);
    return number;
}

// Its number; 0: there is no room, or another thread adds one. Rules stay.
static uint32_t number_rule(struct mct_unwind *unwind,
                            const struct mct_rule *rule) {
    uint32_t hash = hash_rule(rule);
    uint32_t number = __atomic_load_n(&unwind->heads[hash], __ATOMIC_ACQUIRE);
    for (; number != 0; number = unwind->next[number])
        if (same_rule(&unwind->rules[number], rule))
            return number;
    return unwind->rule_count < RULES - 1 ? add_rule(unwind, rule, hash) : 0;
}

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

// Whether handlers return to there; then `rule` says where the context lies. On
// some machines a handler that asked for no information has a frame of its own.
static bool is_signal_return(uint64_t pc, struct mct_rule *rule) {
    uint64_t bytes, later;
    if (!mct_unwind_load(pc, &bytes, 8) || !mct_unwind_load(pc + 5, &later, 4))
        return false;
    rule->kind = MCT_RULE_SIGNAL;
    rule->off = SYS_CONTEXT_OFF;
    if (sys_is_signal_return(bytes, (uint32_t)later))
        return true;
#ifdef SYS_PLAIN_CONTEXT_OFF
    rule->off = SYS_PLAIN_CONTEXT_OFF;
    return sys_is_plain_return(bytes);
#else
    return false;
#endif
}

static void forget(struct mct_unwind *unwind) {
    mct_clear(unwind->cache, sizeof unwind->cache);
    mct_clear(unwind->quick, sizeof unwind->quick);
    for (unsigned i = 0; i < PATHS; i++)
        mct_word_put(&unwind->paths[i].va, 0);
}

static bool rule_of_module(struct walk *walk, const struct mct_module *module,
                           uint64_t key, struct mct_rule *rule) {
#ifdef SYS_EXIDX
    // Where a function begins it does not hold yet, but there it is known where
    // the return address is.
    bool is_begun = !walk->is_first || walk->state->ra_off == MCT_NO_RA;
    if (module->exidx != 0)
        return is_begun && mct_exidx_rule(module, key, rule);
#endif
    return mct_frames_rule(module, key, &walk->frames, rule);
}

// The rule at `pc`, to which a call returned or where a thread was interrupted.
static __attribute__((noinline)) void make_rule(struct walk *walk, uint64_t key,
                                                struct mct_rule *rule) {
    struct mct_unwind *unwind = walk->unwind;
    struct mct_module module;
    *rule = (struct mct_rule){.kind = MCT_RULE_NONE};
    enum mct_found found = mct_module_at(&unwind->modules, key, &module);
    // What is loaded has changed: what was known may be of something else.
    if (found == MCT_FOUND_AFTER_LOOKING)
        forget(unwind);
    bool is_signal = is_signal_return(walk->pc, rule);
    if (!is_signal)
        *rule = (struct mct_rule){.kind = MCT_RULE_NONE};
    if (!is_signal && found != MCT_FOUND_NOTHING &&
        !rule_of_module(walk, &module, key, rule))
        *rule = (struct mct_rule){.kind = MCT_RULE_NONE};
    uint32_t number =
        rule->kind == MCT_RULE_NONE ? 0 : number_rule(unwind, rule);
    keep_quick(unwind, key, rule);
    if (number != 0 || (rule->kind == MCT_RULE_NONE && found == MCT_FOUND))
        mct_word_put(cache_slot(unwind, key), key << 16 | number);
}

static const struct mct_rule *find_rule(struct walk *walk) {
    struct mct_rule *room = &walk->rule;
    struct mct_unwind *unwind = walk->unwind;
    uint64_t key = walk->is_exact ? walk->pc : walk->pc - 1;
    uint64_t entry = mct_word_seen(cache_slot(unwind, key));
    if (entry >> 16 != key) {
        make_rule(walk, key, room);
        return room;
    }
    const struct mct_rule *rule = &unwind->rules[entry & 0xffff];
    keep_quick(unwind, key, rule);
    return rule;
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
    const struct mct_rule *rule = find_rule(walk);
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
