// rules.c: how the caller's frame is found from an address of code, kept.
//
//     quick[hash(pc)]   pc, its rule in one word, as most rules can be said
//     cache[hash(pc)]   pc, number of its rule
//     rules[number]     every rule once; a program has a few hundred
//
// What is not there yet is made from unwind information, and what was kept is
// forgotten when it turns out that something was loaded since.

#include "walk.h"

static uint64_t *cache_slot(struct mct_unwind *unwind, uint64_t pc) {
    return &unwind->cache[pc * 0x9e3779b97f4a7c15u >> (64 - CACHE_LOG2)];
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

const struct mct_rule *mct_find_rule(struct walk *walk) {
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
