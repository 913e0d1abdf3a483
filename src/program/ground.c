// ground.c: what is code and what is data, and in which encoding, where a
// machine has several and the marks that assemblers leave were stripped.
//
// Code is followed from where the image says that it begins, in the encoding
// that it says by a bit of the address: the entry, exported functions, pointers
// that are relocated. A branch stays in its encoding or changes to the other;
// what an instruction loads relative to pc is data; so is the table by which a
// jump chooses its target, whose length the comparison before it tells:
//
//     cmp  r3, #2                 three entries
//     bhi  default
//     tbb  [pc, r3]
//     .byte 2, 6, 9, 0            data
//     ldr  r0, [pc, #8]           code again: the first entry leads here
//
// What is sure is followed first. What stands behind a call may be constants,
// if the call does not return; an address that is merely computed may be one of
// data: these are tried for a line before they count. Numbers in the data of
// an image that stays where it was linked are tried last, and only if they
// close up with what is known by then, since code lies densely, or if what is
// there saves its return address.
//
// What turns out to be read as data later is taken back, up to where the line
// was tried.
//
// Bytes that nothing leads to remain unknown: they are swept, but what they
// seem to call proves nothing.

#include "program/ground.h"

// Instructions that a line must survive.
#define TRIAL_LINE   32
// Entries of a table whose length nothing tells.
#define ENTRIES_MOST 1024
// Instructions in which a function saves its return address.
#define OPENING_LEN  4

// What is known of registers on the way along a line.
struct tracker {
    uint64_t values[64];
    regset known;
    regset limited; // the register that was compared last
    uint32_t limit; // ... it has so many values then
    uint64_t taken; // the address that was computed last relative to pc
};

static uint8_t *place_at(const struct ground *ground, uint64_t va) {
    for (size_t i = 0; i < ground->count; i++) {
        const struct ground_part *part = &ground->parts[i];
        if (va - part->va < part->len) {
            return &part->places[(va - part->va) / STEP];
        }
    }
    return NULL;
}

uint8_t ground_state_at(const struct ground *ground, uint64_t va) {
    const uint8_t *place = place_at(ground, va);
    return place ? *place & STATE : NOWHERE;
}

bool ground_begins(uint8_t state) {
    return state == BEGINS || state == BEGINS_OTHER;
}

bool ground_is_reached(const struct program *program, uint64_t va) {
    const struct ground *ground = program->bits->ground;
    return ground && ground_begins(ground_state_at(ground, va));
}

// --- what is still to be followed -----------------------------------------

void ground_add(struct survey *survey, enum trust trust, uint64_t va,
                uint8_t mode) {
    if (ground_state_at(survey->ground, va) == UNKNOWN) {
        struct mode_list *list = &survey->todo[trust];
        *ARENA_PUSH(survey->arena, list->items, list->count, list->room) =
            (struct code_mode){.va = va, .mode = mode};
    }
}

// An address that tells its mode.
void ground_add_address(struct survey *survey, enum trust trust,
                        uint64_t address) {
    uint64_t mask = survey->program->arch->abi.code_mask;
    uint64_t va = address & mask;
    uint8_t mode = (uint8_t)(address - va);
    unsigned align = arch_in_mode(survey->program->arch, mode)->insn_align;
    if (va % align == 0) {
        ground_add(survey, trust, va, mode);
    }
}

static void note_at(const struct survey *survey, uint64_t va, uint8_t what) {
    uint8_t *place = place_at(survey->ground, va);
    if (place) {
        *place |= what;
    }
}

static void mark(const struct ground *ground, uint64_t va, uint64_t len,
                 uint8_t first, uint8_t rest) {
    for (uint64_t at = 0; at < len; at += STEP) {
        uint8_t *place = place_at(ground, va + at);
        if (place && (*place & STATE) == UNKNOWN) {
            *place |= at == 0 ? first : rest;
        }
    }
}

// What was followed as code is read as data: it was none, back to where the
// line was tried and up to where it ends.
static void take_back(const struct ground *ground, uint64_t va) {
    uint64_t from_va = va;
    while (ground_state_at(ground, from_va) != UNKNOWN &&
           ground_state_at(ground, from_va) < DATA &&
           !(*place_at(ground, from_va) & TRIED)) {
        from_va -= STEP;
    }
    uint8_t *place = place_at(ground, from_va);
    if (!place || (*place & STATE) >= DATA || !(*place & TRIED)) {
        return;
    }
    for (; ground_state_at(ground, from_va) < DATA &&
           ground_state_at(ground, from_va) != UNKNOWN;
         from_va += STEP) {
        place = place_at(ground, from_va);
        if (from_va > va && (*place & (TRIED | ENTRY))) {
            break;
        }
        *place = UNKNOWN;
    }
}

// Whether all halfwords of an instruction are still free.
static bool is_free(const struct ground *ground, uint64_t va, unsigned len) {
    for (unsigned at = 0; at < len; at += STEP) {
        if (ground_state_at(ground, va + at) != UNKNOWN) {
            return false;
        }
    }
    return true;
}

// --- registers ------------------------------------------------------------

static uint64_t word_at(const struct program *program, uint64_t va) {
    struct slice bytes = image_bytes(program->image, va);
    return bytes.n >= WORD ? load_uint(bytes.p, WORD, program->arch->order) : 0;
}

static bool is_literal(const struct insn *insn) {
    return insn->pc_value != 0 && !(insn->flags & INSN_TAKES_ADDRESS);
}

static void set(struct tracker *tracker, regset into, uint64_t value) {
    if (into != 0 && (into & (into - 1)) == 0) {
        tracker->known |= into;
        tracker->values[__builtin_ctzll(into)] = value;
    }
}

// Takes an instruction into account. Returns an address that it makes of two
// halves, or else 0.
static uint64_t track(const struct program *program, struct tracker *tracker,
                      const struct insn *insn) {
    struct tracker old = *tracker;
    regset general = program->arch->abi.general;
    bool calls = insn->kind == INSN_CALL || insn->kind == INSN_CALL_INDIRECT;
    tracker->known &= ~insn->clobbers;
    tracker->limited &= ~insn->clobbers;
    if (calls) {
        tracker->known &= ~program->arch->abi.caller_saved;
        tracker->limited = 0;
    }
    if (insn->limit != 0) {
        tracker->limited = insn->reads & general;
        tracker->limit = insn->limit;
    }
    if (insn->flags & INSN_TAKES_ADDRESS) {
        tracker->taken = insn->pc_value;
    }
    if (insn->const_reg != REG_NONE && insn->copy_reg == REG_NONE) {
        set(tracker, REG_BIT(insn->const_reg), insn->const_value);
    } else if (insn->const_reg != REG_NONE &&
               (old.known & REG_BIT(insn->copy_reg))) {
        set(tracker, REG_BIT(insn->const_reg), old.values[insn->copy_reg]);
    } else if (insn->loaded_reg != REG_NONE && is_literal(insn)) {
        set(tracker, REG_BIT(insn->loaded_reg) & insn->writes,
            word_at(program, insn->pc_value));
    } else if ((insn->flags & INSN_ADDS_OFFSET) &&
               (old.known & regset_of(insn->base_reg))) {
        uint64_t sum =
            (uint32_t)(old.values[insn->base_reg] + (uint64_t)insn->base_off);
        set(tracker, insn->writes & general, sum);
        return sum;
    }
    return 0;
}

// --- tables ---------------------------------------------------------------

// Entries of the table that a jump chooses by; 0: not known.
static uint64_t entries_of(const struct program *program,
                           const struct tracker *tracker,
                           const struct insn *jump) {
    regset by = jump->reads & program->arch->abi.general;
    return by == tracker->limited && by != 0 ? tracker->limit : 0;
}

// Distances from the table, ahead; without a length, up to the nearest.
static void follow_halfwords(struct survey *survey, const struct insn *jump,
                             uint64_t count) {
    struct slice bytes = image_bytes(survey->program->image, jump->table_va);
    uint64_t step = jump->table_step, end = UINT64_MAX, at = 0;
    uint64_t most = count > 0 ? count : ENTRIES_MOST;
    for (; at < most * step && at + step <= bytes.n; at += step) {
        uint64_t to =
            2 * load_uint(bytes.p + at, step, survey->program->arch->order);
        if (count == 0 && (at >= end || to <= at)) {
            break;
        }
        end = to < end ? to : end;
        ground_add(survey, count > 0 ? IS_SURE : IS_FOUND, jump->table_va + to,
                   jump->mode);
    }
    mark(survey->ground, jump->table_va, at, DATA, DATA);
}

// A table among the code of words, addresses or distances from it:
//
//     adr  r2, table
//     ldr  r3, [r2, r3, lsl #2]
//     add  r2, r3
//     bx   r2
//
// The comparison before it was of the index. It is one if all its words tell
// the mode of the jump and lead to what may be code.
static void follow_words(struct survey *survey, const struct tracker *tracker,
                         const struct insn *jump) {
    const struct program *program = survey->program;
    uint64_t mask = program->arch->abi.code_mask, table_va = tracker->taken;
    uint64_t first_va = word_at(program, table_va) & mask;
    bool is_address = ground_state_at(survey->ground, first_va) != NOWHERE;
    uint64_t base_va = is_address ? 0 : table_va;
    if (tracker->limit == 0 || tracker->limit > ENTRIES_MOST) {
        return;
    }
    for (uint32_t i = 0; i < tracker->limit; i++) {
        uint64_t to =
            (uint32_t)(base_va + word_at(program, table_va + i * WORD));
        uint8_t state = ground_state_at(survey->ground, to & mask);
        if (to - (to & mask) != jump->mode || state == DATA ||
            state == GOES_ON || state == NOWHERE) {
            return;
        }
    }
    for (uint32_t i = 0; i < tracker->limit; i++) {
        uint64_t to =
            (uint32_t)(base_va + word_at(program, table_va + i * WORD));
        ground_add(survey, IS_FOUND, to & mask, jump->mode);
    }
    mark(survey->ground, table_va, tracker->limit * (uint64_t)WORD, DATA, DATA);
}

static void follow_table(struct survey *survey, const struct tracker *tracker,
                         const struct insn *jump) {
    const struct program *program = survey->program;
    uint64_t count = entries_of(program, tracker, jump);
    if (jump->table_kind == TABLE_HALFWORDS) {
        follow_halfwords(survey, jump, count);
        return;
    }
    // Branches are code; addresses are data and tell their mode.
    for (uint64_t i = 0; i < count; i++) {
        uint64_t va = jump->table_va + i * jump->table_step;
        if (jump->table_kind == TABLE_JUMPS) {
            ground_add(survey, IS_SURE, va, jump->mode);
        } else {
            ground_add_address(survey, IS_SURE, word_at(program, va));
            mark(survey->ground, va, WORD, DATA, DATA);
        }
    }
}

// --- lines ----------------------------------------------------------------

static bool decode_at(const struct program *program, struct code_mode at,
                      struct insn *insn) {
    struct code code = {image_bytes(program->image, at.va), at.va, at.mode};
    return code.bytes.n > 0 && program->arch->is_usual(&code) &&
           program->arch->decode(&code, insn);
}

static bool leads_to_code(const struct survey *survey,
                          const struct insn *insn) {
    uint8_t mode = insn->mode ^ ((insn->flags & INSN_SWITCHES) != 0);
    uint8_t state = ground_state_at(survey->ground, insn->target);
    return insn->target == 0 || state == UNKNOWN || state == BEGINS + mode;
}

// Whether what is at `at` may be code: it reads no flags that nobody has set,
// agrees with all that is known up to where it goes elsewhere, and does not run
// on into another function.
static bool survives(const struct survey *survey, struct code_mode at) {
    uint64_t from_va = at.va;
    const struct program *program = survey->program;
    regset flags = program->arch->abi.flag_parts;
    for (unsigned i = 0; i < TRIAL_LINE; i++) {
        const uint8_t *place = place_at(survey->ground, at.va);
        struct insn insn;
        if (place && (*place & STATE) == BEGINS + at.mode) {
            return at.va == from_va || !(*place & ENTRY);
        }
        if (!decode_at(program, at, &insn) || (insn.reads & flags) ||
            !is_free(survey->ground, at.va, insn.len) ||
            !leads_to_code(survey, &insn)) {
            return false;
        }
        if (insn.kind != INSN_PLAIN && insn.kind != INSN_JUMP_COND) {
            return true;
        }
        flags &= ~insn.writes;
        at.va += insn.len;
    }
    return true;
}

// Whether code at `at` keeps its return address on the stack first thing.
bool ground_begins_function(const struct survey *survey, struct code_mode at) {
    const struct program *program = survey->program;
    struct insn insn;
    for (unsigned i = 0; i < OPENING_LEN; i++, at.va += insn.len) {
        if (!decode_at(program, at, &insn) || insn.kind != INSN_PLAIN) {
            return false;
        }
        if (insn.sp_delta < 0 &&
            (insn.reads & REG_BIT(program->arch->abi.link))) {
            return true;
        }
    }
    return false;
}

// An address that an instruction made. Without the bit it may be one of data as
// well; what is not relative to pc may be any number.
static void add_made(struct survey *survey, const struct insn *insn,
                     uint64_t address) {
    const struct program *program = survey->program;
    uint64_t va = address & program->arch->abi.code_mask;
    struct code_mode at = {.va = va, .mode = (uint8_t)(address - va)};
    bool is_relative = insn->flags & INSN_PC_RELATIVE;
    if ((at.mode != 0 || insn->mode == 0) &&
        (is_relative || (!program->image->is_relocatable &&
                         ground_begins_function(survey, at)))) {
        ground_add_address(survey, IS_FOUND, address);
    }
}

static void note_addresses(struct survey *survey, struct tracker *tracker,
                           const struct insn *insn) {
    const struct program *program = survey->program;
    uint64_t sum = track(program, tracker, insn);
    if (sum != 0) {
        add_made(survey, insn, sum);
    }
    if (is_literal(insn)) {
        if (ground_state_at(survey->ground, insn->pc_value) != UNKNOWN) {
            take_back(survey->ground, insn->pc_value);
        }
        mark(survey->ground, insn->pc_value, WORD, DATA, DATA);
        struct insn number = {.mode = insn->mode};
        add_made(survey, &number, word_at(program, insn->pc_value));
    }
}

static void follow(struct survey *survey, struct code_mode at) {
    struct program *program = survey->program;
    struct tracker tracker = {.known = 0};
    struct insn insn;
    for (;; at.va += insn.len) {
        if (!decode_at(program, at, &insn) ||
            !is_free(survey->ground, at.va, insn.len)) {
            return;
        }
        mark(survey->ground, at.va, insn.len, BEGINS + at.mode, GOES_ON);
        if (insn.target != 0) {
            bool switches = insn.flags & INSN_SWITCHES;
            ground_add(survey, IS_SURE, insn.target, at.mode ^ switches);
            if (insn.kind == INSN_CALL) {
                note_at(survey, insn.target, ENTRY);
            }
        }
        if (insn.table_va != 0) {
            follow_table(survey, &tracker, &insn);
        } else if (insn.kind == INSN_JUMP_INDIRECT && tracker.taken != 0) {
            follow_words(survey, &tracker, &insn);
        }
        note_addresses(survey, &tracker, &insn);
        if (insn.kind == INSN_CALL || insn.kind == INSN_CALL_INDIRECT) {
            bool returns = insn.flags & INSN_CONDITIONAL;
            ground_add(survey, returns ? IS_SURE : IS_BEHIND_CALL,
                       at.va + insn.len, at.mode);
            return;
        }
        if (!kind_falls_through(insn.kind)) {
            return;
        }
    }
}

// Whether bytes look like code of the mode, not of the other.
bool ground_looks_like(const struct survey *survey, struct code_mode at) {
    const struct program *program = survey->program;
    return program->arch->guess_mode(image_bytes(program->image, at.va), 0) ==
           at.mode;
}

void ground_follow_all(struct survey *survey) {
    for (unsigned trust = 0; trust < TRUST_COUNT;) {
        struct mode_list *list = &survey->todo[trust];
        if (list->next == list->count) {
            trust++;
            continue;
        }
        struct code_mode at = list->items[list->next++];
        bool doubtful = trust == IS_FOUND && at.mode == 0;
        if (trust == IS_SURE ||
            (survives(survey, at) &&
             (!doubtful || ground_looks_like(survey, at)))) {
            note_at(survey, at.va, trust == IS_SURE ? 0 : TRIED);
            follow(survey, at);
        }
        trust = IS_SURE;
    }
}

// --- what comes of it -----------------------------------------------------

// The mode of what is known next, at off or behind it.
static uint8_t next_mode(const struct ground_part *part, uint64_t off,
                         uint8_t mode) {
    for (; off < part->len; off += STEP) {
        uint8_t state = part->places[off / STEP] & STATE;
        if (ground_begins(state)) {
            return state - BEGINS;
        }
    }
    return mode;
}

static void emit(struct program *program, size_t *room, uint64_t va,
                 uint8_t mode, bool is_data, bool is_first) {
    struct program_bits *bits = program->bits;
    const struct code_mark *last =
        is_first ? NULL : &bits->marks[bits->mark_count - 1];
    if (!last || last->mode != mode || last->is_data != is_data) {
        *ARENA_PUSH(program->arena, bits->marks, bits->mark_count, *room) =
            (struct code_mark){va, mode, is_data};
    }
}

static void emit_part(struct program *program, const struct ground_part *part,
                      size_t *room, size_t *line_room) {
    struct program_bits *bits = program->bits;
    uint8_t mode = 0, next = 0, last = DATA;
    for (uint64_t off = 0; off < part->len; off += STEP) {
        uint8_t state = part->places[off / STEP] & STATE;
        uint64_t va = part->va + off;
        if (ground_begins(state)) {
            mode = state - BEGINS;
            if (last == UNKNOWN) {
                *ARENA_PUSH(program->arena, bits->lines, bits->line_count,
                            *line_room) = va;
            }
        } else if (state == UNKNOWN) {
            next = last == UNKNOWN ? next : next_mode(part, off, mode);
            // Where it changes, its look tells.
            if (mode != next && va % WORD == 0) {
                struct slice bytes = image_bytes(program->image, va);
                mode = (uint8_t)program->arch->guess_mode(bytes, mode);
            }
        }
        emit(program, room, va, mode, state == DATA, off == 0);
        last = state;
    }
}

void ground_survey(struct program *program) {
    const struct image *image = program->image;
    struct ground *ground = ARENA_NEW(program->arena, struct ground);
    struct survey survey = {
        .program = program, .ground = ground, .arena = arena_new()};
    ground->parts =
        ARENA_ARRAY(program->arena, struct ground_part, image->code_count);
    for (size_t i = 0; i < image->code_count; i++) {
        const struct segment *code = &image->code[i];
        struct slice bytes = image_bytes(image, code->va);
        uint64_t len = code->file_len < bytes.n ? code->file_len : bytes.n;
        ground->parts[ground->count++] = (struct ground_part){
            .va = code->va,
            .len = len,
            .places = ARENA_ARRAY(program->arena, uint8_t, len / STEP + 1)};
    }
    for (size_t i = 0; i < image->mode_count; i++) {
        struct code_mode at = image->modes[i];
        ground_add(&survey, at.mode || at.is_function ? IS_SURE : IS_FOUND,
                   at.va, at.mode);
        note_at(&survey, at.va, at.mode ? ENTRY : 0);
    }
    ground_follow_all(&survey);
    if (image->is_relocatable) {
        ground_try_pointers(&survey);
    } else {
        ground_try_numbers(&survey);
    }
    size_t room = 0, line_room = 0;
    for (size_t i = 0; i < ground->count; i++) {
        emit_part(program, &ground->parts[i], &room, &line_room);
    }
    program->bits->ground = ground;
    arena_free(survey.arena);
}
