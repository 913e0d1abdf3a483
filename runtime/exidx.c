// exidx.c: how callers are found on 32-bit ARM (Exception Handling ABI for the
// Arm Architecture, sections 6, 7 and 10.3).
//
// A table (.ARM.exidx) has for each function, by address, what its frame looks
// like once it is made: bytes that say step by step how the stack pointer moves
// and which registers are loaded on the way. All distances are from where they
// stand, in 31 bits. They come to a rule as call frame information does: the
// frame begins where the stack pointer ends up. What holds while a frame is
// being made, or of code that is added, no such table says.
//
//     entry   function, 1              nothing is known of it
//             function, 0x80b0b0b0     the steps themselves
//             function, where          an entry of .ARM.extab, with the steps
//                                      behind the language's own routine

#include "unwind.h"

#ifdef SYS_EXIDX

#define MOST_WORDS 16u
#define REG_SP     13u
#define REG_LR     14u
#define REG_PC     15u

static bool load_word(uint64_t at, uint32_t *value) {
    uint64_t word;
    bool is_there = mct_unwind_load(at, &word, 4);
    *value = (uint32_t)word;
    return is_there;
}

// An address that stands as a distance.
static uint64_t place(uint64_t at, uint32_t distance) {
    return (uintptr_t)(at + (uint64_t)(int64_t)((int32_t)(distance << 1) >> 1));
}

// The last entry that begins at or before `pc`; 0: none.
static uint64_t search(const struct mct_module *module, uint64_t pc) {
    uint64_t low = 0, high = module->exidx_count;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        uint64_t at = module->exidx + middle * 8;
        uint32_t distance;
        if (!load_word(at, &distance))
            return 0;
        if (place(at, distance) <= pc)
            low = middle + 1;
        else
            high = middle;
    }
    return low == 0 ? 0 : module->exidx + (low - 1) * 8;
}

// The steps, byte by byte: the topmost byte of a word comes first.
struct steps {
    uint64_t at; // of the next word
    uint32_t word, left, words;
    bool failed;
};

static uint32_t take(struct steps *steps) {
    if (steps->left == 0) {
        if (steps->words == 0)
            return 0xb0; // finish
        steps->words--;
        steps->failed |= !load_word(steps->at, &steps->word);
        steps->at += 4;
        steps->left = 4;
    }
    uint32_t byte = steps->word >> 24;
    steps->word <<= 8;
    steps->left--;
    return byte;
}

static bool open_steps(uint64_t entry, struct steps *steps) {
    uint32_t word;
    *steps = (struct steps){.at = entry};
    if (!load_word(entry + 4, &word) || word == 1)
        return false;
    if (word >> 31 == 0) {
        steps->at = place(entry + 4, word) + 4;
        if (!load_word(steps->at - 4, &word))
            return false;
        if (word >> 31 == 0) { // a routine, and then its data
            if (!load_word(steps->at, &word))
                return false;
            steps->at += 4;
            steps->words = word >> 24;
            steps->word = word << 8;
            steps->left = 3;
            return steps->words <= MOST_WORDS;
        }
    }
    bool is_short = (word >> 24 & 15) == 0;
    steps->words = is_short ? 0 : word >> 16 & 0xff;
    steps->word = word << (is_short ? 8 : 16);
    steps->left = is_short ? 3 : 2;
    return steps->words <= MOST_WORDS;
}

// The frame in the making: the stack pointer is register `base` + `off`.
struct frame {
    uint8_t base;
    int32_t off;
    int32_t saved[16]; // where each register lies, likewise
    uint32_t is_saved; // a bit each
};

static void pop(struct frame *frame, uint32_t registers) {
    for (uint32_t reg = 0; reg < 16; reg++) {
        if (!(registers >> reg & 1))
            continue;
        frame->saved[reg] = frame->off;
        frame->is_saved |= 1u << reg;
        frame->off += 4;
    }
}

static bool set_base(struct frame *frame, uint32_t reg) {
    frame->base = mct_base_of(reg);
    frame->off = 0;
    return frame->base != MCT_BASE_NONE;
}

static int32_t take_uleb(struct steps *steps) {
    uint32_t value = 0, byte, shift = 0;
    do {
        byte = take(steps);
        value |= (byte & 0x7f) << shift;
        shift += 7;
    } while (byte & 0x80 && shift < 28);
    return (int32_t)value;
}

// Steps from 0xb1 on: of coprocessors, mostly.
static bool run_other(struct frame *frame, struct steps *steps, uint32_t step) {
    if (step == 0xb1) {
        pop(frame, take(steps) & 15);
    } else if (step == 0xb2) {
        frame->off += 0x204 + (take_uleb(steps) << 2);
    } else if (step == 0xb3) {
        frame->off += 8 * (int32_t)(take(steps) & 15) + 12;
    } else if (step >= 0xb8 && step <= 0xbf) {
        frame->off += 8 * (int32_t)(step & 7) + 12;
    } else if (step == 0xc8 || step == 0xc9) {
        frame->off += 8 * (int32_t)(take(steps) & 15) + 8;
    } else if (step >= 0xd0 && step <= 0xd7) {
        frame->off += 8 * (int32_t)(step & 7) + 8;
    } else {
        return false;
    }
    return true;
}

static bool run_step(struct frame *frame, struct steps *steps, uint32_t step) {
    if (step < 0x80) {
        int32_t by = (int32_t)((step & 0x3f) << 2) + 4;
        frame->off += step & 0x40 ? -by : by;
    } else if (step < 0x90) {
        uint32_t registers = (step & 15) << 8 | take(steps);
        pop(frame, registers << 4);
        return registers != 0; // else it refuses
    } else if (step < 0xa0) {
        return set_base(frame, step & 15);
    } else if (step < 0xb0) {
        uint32_t registers = (2u << (4 + (step & 7))) - 0x10;
        pop(frame, registers | (step & 8 ? 1u << REG_LR : 0));
    } else {
        return run_other(frame, steps, step);
    }
    return true;
}

static void make_rule(const struct frame *frame, struct mct_rule *rule) {
    uint32_t ra = frame->is_saved >> REG_PC & 1 ? REG_PC : REG_LR;
    *rule = (struct mct_rule){
        .kind = MCT_RULE_FRAME, .base = frame->base, .off = frame->off};
    rule->in_link = !(frame->is_saved >> ra & 1);
    rule->ra_off = rule->in_link ? 0 : frame->saved[ra] - frame->off;
    for (unsigned i = 1; i < MCT_BASES; i++) {
        uint32_t reg = mct_column_of(i);
        if (!(frame->is_saved >> reg & 1))
            continue;
        rule->changed |= 1u << i;
        rule->bases[i] = MCT_BASE_CFA;
        rule->offs[i] = frame->saved[reg] - frame->off;
    }
}

bool mct_exidx_rule(const struct mct_module *module, uint64_t pc,
                    struct mct_rule *rule) {
    struct frame frame = {.base = MCT_BASE_SP};
    struct steps steps;
    uint64_t entry = search(module, pc);
    if (entry == 0 || !open_steps(entry, &steps))
        return false;
    for (uint32_t step; (step = take(&steps)) != 0xb0;)
        if (!run_step(&frame, &steps, step) || steps.failed)
            return false;
    make_rule(&frame, rule);
    return true;
}

#endif
