// frames.c: call frame information, read where the loader has put it.
//
// Every image brings a table that says, for each instruction, where the
// caller's frame is (.eh_frame; Linux Standard Base, 10.6). It is found by the
// search table of .eh_frame_hdr, entries of which are sorted by address:
//
//     header -> { function, FDE } -> FDE -> CIE
//
// The instructions of both are run up to the address that is asked for (DWARF
// 5, section 6.4.2), and what they come to is a rule: a few numbers. What has
// no such form (a register saved in another, an expression of a strange kind)
// makes a register unknown, or the whole rule. For trampolines of ours it is
// the same, as the rewriter adds them to the table.
//
// All is read as memory that may not be there: a library may be unloaded while
// we look. Loops are bounded by the lengths of what is read.

#include "dwarf.h"

#define PTR_OMIT    0xff
#define TABLE_PLAIN 0x3b // datarel | sdata4
#define COLUMNS     SYS_COLUMNS
#define COLUMN_RA   SYS_RETURN_COLUMN
#define DEPTH       4
#define MOST_ENTRY  (1u << 20)
#define MOST_STEPS  (1u << 16)

// --- entries -----------------------------------------------------------------

struct cie {
    struct input instructions;
    uint64_t code_align;
    int64_t data_align;
    uint8_t encoding;
    bool has_data, is_signal;
};

// The entry at `at`, behind its length.
static struct input open_entry(uint64_t at) {
    struct input in = {at, at + 12, false};
    uint64_t len = take(&in, 4);
    if (len == 0xffffffff)
        len = take(&in, 8);
    in.failed |= len < 4 || len > MOST_ENTRY;
    in.end = in.at + len;
    return in;
}

static void read_augmentation(struct input *in, uint64_t letters,
                              struct cie *cie) {
    struct input text = {letters, letters + 8, false};
    if (take(&text, 1) != 'z')
        return;
    cie->has_data = true;
    uint64_t len = take_uleb(in), end = in->at + len;
    for (int i = 0; i < 6 && !in->failed; i++) {
        switch (take(&text, 1)) {
        case 'R': cie->encoding = (uint8_t)take(in, 1); break;
        case 'L': take(in, 1); break;
        case 'P': take_plain(in, (uint8_t)take(in, 1)); break;
        case 'S': cie->is_signal = true; break;
        case 0: i = 6; break;
        default: break;
        }
    }
    in->failed |= end > in->end;
    in->at = end;
}

static bool read_cie(uint64_t at, struct cie *cie) {
    struct input in = open_entry(at);
    *cie = (struct cie){.encoding = 0};
    in.failed |= take(&in, 4) != 0;
    uint64_t version = take(&in, 1), letters = in.at;
    for (int i = 0; i < 8 && take(&in, 1) != 0; i++)
        ;
    if (version == 4)
        take(&in, 2);
    cie->code_align = take_uleb(&in);
    cie->data_align = take_sleb(&in);
    uint64_t column = version == 1 ? take(&in, 1) : take_uleb(&in);
    read_augmentation(&in, letters, cie);
    cie->instructions = in;
    return !in.failed && column == COLUMN_RA;
}

// An address of the search table, which has them as distances from its header.
static bool load_entry(const struct mct_module *module, uint64_t at,
                       uint64_t *address) {
    uint64_t distance;
    if (!mct_unwind_load(module->table + at, &distance, 4))
        return false;
    *address =
        (uintptr_t)(module->header + (uint64_t)(int64_t)(int32_t)distance);
    return true;
}

// The last entry of the search table that starts at or before `pc`.
static uint64_t search(const struct mct_module *module, uint64_t pc) {
    uint64_t low = 0, high = module->fde_count, found;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (!load_entry(module, middle * 8, &found))
            return 0;
        if (found <= pc)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0 || !load_entry(module, (low - 1) * 8 + 4, &found))
        return 0;
    return found;
}

bool mct_frames_open(struct mct_module *module, uint64_t header) {
    struct input in = {header, header + 32, false};
    uint64_t version = take(&in, 1);
    uint8_t frame_encoding = (uint8_t)take(&in, 1);
    uint8_t count_encoding = (uint8_t)take(&in, 1);
    uint8_t table_encoding = (uint8_t)take(&in, 1);
    if (frame_encoding != PTR_OMIT)
        take_plain(&in, frame_encoding);
    uint64_t count = take_plain(&in, count_encoding);
    if (in.failed || version != 1 || table_encoding != TABLE_PLAIN)
        return false;
    module->header = header;
    module->table = in.at;
    module->fde_count = count;
    return true;
}

// --- expressions -------------------------------------------------------------

// A value: a constant; a register of the frame plus a constant; or the word
// that lies there, plus another.
struct term {
    uint8_t base; // MCT_BASE_NONE: a constant
    bool is_word;
    int64_t off, plus;
};

struct terms {
    struct term items[6];
    unsigned count;
    bool failed;
};

static void push(struct terms *terms, struct term term) {
    if (terms->count < sizeof terms->items / sizeof terms->items[0])
        terms->items[terms->count++] = term;
    else
        terms->failed = true;
}

static struct term pop(struct terms *terms) {
    if (terms->count > 0)
        return terms->items[--terms->count];
    terms->failed = true;
    return (struct term){MCT_BASE_NONE, false, 0, 0};
}

static void push_constant(struct terms *terms, int64_t value) {
    push(terms, (struct term){MCT_BASE_NONE, false, value, 0});
}

static int64_t *last_part(struct term *term) {
    return term->is_word ? &term->plus : &term->off;
}

static void run_binary(struct terms *terms, uint64_t op) {
    struct term b = pop(terms), a = pop(terms);
    bool are_constants = a.base == MCT_BASE_NONE && b.base == MCT_BASE_NONE;
    if (op == 0x22 && b.base == MCT_BASE_NONE) { // plus
        *last_part(&a) += b.off;
        push(terms, a);
        return;
    }
    if (op == 0x1c && b.base == MCT_BASE_NONE) { // minus
        *last_part(&a) -= b.off;
        push(terms, a);
        return;
    }
    int64_t value = 0;
    switch (op) {
    case 0x1a: value = a.off & b.off; break;
    case 0x21: value = a.off | b.off; break;
    case 0x24:
        value =
            b.off >= 0 && b.off < 64 ? (int64_t)((uint64_t)a.off << b.off) : 0;
        break;
    case 0x2a: value = a.off >= b.off; break;
    case 0x2b: value = a.off > b.off; break;
    case 0x2c: value = a.off <= b.off; break;
    case 0x2d: value = a.off < b.off; break;
    case 0x22: // constant plus register
        if (a.base == MCT_BASE_NONE) {
            *last_part(&b) += a.off;
            push(terms, b);
            return;
        }
        are_constants = false;
        break;
    default: are_constants = false; break;
    }
    push_constant(terms, value);
    terms->failed |= !are_constants;
}

static void run_deref(struct terms *terms) {
    struct term term = pop(terms);
    terms->failed |= term.base == MCT_BASE_NONE || term.is_word;
    term.is_word = true;
    push(terms, term);
}

static void run_operation(struct terms *terms, struct input *in, uint64_t pc) {
    uint64_t op = take(in, 1);
    if (op >= 0x30 && op <= 0x4f) { // lit0 ...
        push_constant(terms, (int64_t)op - 0x30);
        return;
    }
    if (op >= 0x70 && op <= 0x8f) { // breg0 ...
        int64_t off = take_sleb(in);
        uint8_t base = mct_base_of(op - 0x70);
        if (op - 0x70 == COLUMN_RA)
            push_constant(terms, (int64_t)pc + off);
        else
            push(terms, (struct term){base, false, off, 0});
        terms->failed |= op - 0x70 != COLUMN_RA && base == MCT_BASE_NONE;
        return;
    }
    switch (op) {
    case 0x06: run_deref(terms); break;
    case 0x08: push_constant(terms, (int64_t)take(in, 1)); break;
    case 0x09: push_constant(terms, take_signed(in, 1)); break;
    case 0x0a: push_constant(terms, (int64_t)take(in, 2)); break;
    case 0x0b: push_constant(terms, take_signed(in, 2)); break;
    case 0x0c: push_constant(terms, (int64_t)take(in, 4)); break;
    case 0x0d: push_constant(terms, take_signed(in, 4)); break;
    case 0x10: push_constant(terms, (int64_t)take_uleb(in)); break;
    case 0x11: push_constant(terms, take_sleb(in)); break;
    case 0x23: // plus_uconst
        push_constant(terms, (int64_t)take_uleb(in));
        run_binary(terms, 0x22);
        break;
    default: run_binary(terms, op); break;
    }
}

static bool evaluate(struct terms *terms, struct input expression, uint64_t pc,
                     struct term *out) {
    terms->count = 0;
    terms->failed = false;
    while (expression.at < expression.end && !expression.failed &&
           !terms->failed)
        run_operation(terms, &expression, pc);
    *out = pop(terms);
    return !expression.failed && !terms->failed && terms->count == 0 &&
           out->base != MCT_BASE_NONE;
}

// --- instructions ------------------------------------------------------------

enum column_kind {
    COLUMN_SAME, // as it is, or not mentioned
    COLUMN_SAVED,
    COLUMN_AT, // at the place that an expression gives
    COLUMN_UNDEFINED,
    COLUMN_OTHER
};

struct column {
    int64_t value;
    uint64_t end; // AT: of the expression, which begins at `value`
    uint8_t kind;
};

struct rows {
    struct {
        uint64_t reg;
        int64_t off;
        struct input expression;
        bool is_expression;
    } cfa;
    struct column columns[COLUMNS];
};

struct run {
    const struct cie *cie;
    uint64_t location, until;
    struct rows *rows;
    const struct rows *initial;
    struct rows saved[DEPTH];
    unsigned depth;
    bool is_done;
};

struct work {
    struct cie cie;
    struct rows initial, rows;
    struct run run;
    struct terms terms;
};
_Static_assert(sizeof(struct work) <= sizeof(struct mct_frames_work), "room");

static void set(struct run *run, uint64_t column, uint8_t kind, int64_t value,
                uint64_t end) {
    if (column < COLUMNS)
        run->rows->columns[column] = (struct column){value, end, kind};
}

static void advance(struct run *run, uint64_t steps) {
    run->location += steps * run->cie->code_align;
    run->is_done = run->location > run->until;
}

static struct input take_block(struct input *in) {
    uint64_t len = take_uleb(in);
    struct input block = {in->at, in->at + len, false};
    skip(in, len);
    return block;
}

static void run_cfa(struct run *run, struct input *in, uint64_t op) {
    run->rows->cfa.is_expression = false;
    switch (op) {
    case 0x0c: // def_cfa
        run->rows->cfa.reg = take_uleb(in);
        run->rows->cfa.off = (int64_t)take_uleb(in);
        break;
    case 0x12: // def_cfa_sf
        run->rows->cfa.reg = take_uleb(in);
        run->rows->cfa.off = take_sleb(in) * run->cie->data_align;
        break;
    case 0x0d: run->rows->cfa.reg = take_uleb(in); break;
    case 0x0e: run->rows->cfa.off = (int64_t)take_uleb(in); break;
    case 0x13: run->rows->cfa.off = take_sleb(in) * run->cie->data_align; break;
    default: // 0x0f: def_cfa_expression
        run->rows->cfa.expression = take_block(in);
        run->rows->cfa.is_expression = true;
    }
}

static void run_column(struct run *run, struct input *in, uint64_t op) {
    uint64_t column = take_uleb(in);
    int64_t align = run->cie->data_align;
    switch (op) {
    case 0x05: // offset_extended
        set(run, column, COLUMN_SAVED, (int64_t)take_uleb(in) * align, 0);
        break;
    case 0x11: // offset_extended_sf
        set(run, column, COLUMN_SAVED, take_sleb(in) * align, 0);
        break;
    case 0x06: // restore_extended
        if (column < COLUMNS)
            run->rows->columns[column] = run->initial->columns[column];
        break;
    case 0x07: set(run, column, COLUMN_UNDEFINED, 0, 0); break;
    case 0x08: set(run, column, COLUMN_SAME, 0, 0); break;
    case 0x10: { // expression
        struct input block = take_block(in);
        set(run, column, COLUMN_AT, (int64_t)block.at, block.end);
        break;
    }
    case 0x16: // val_expression
        take_block(in);
        set(run, column, COLUMN_OTHER, 0, 0);
        break;
    case 0x15: // val_offset_sf
        take_sleb(in);
        set(run, column, COLUMN_OTHER, 0, 0);
        break;
    default: // register, val_offset
        take_uleb(in);
        set(run, column, COLUMN_OTHER, 0, 0);
    }
}

static void remember(struct run *run, struct input *in, bool restores) {
    struct rows *rows = run->rows;
    if (!restores && run->depth < DEPTH)
        mct_copy(&run->saved[run->depth++], rows, sizeof *rows);
    else if (restores && run->depth > 0)
        mct_copy(rows, &run->saved[--run->depth], sizeof *rows);
    else
        in->failed = true;
}

static void run_instruction(struct run *run, struct input *in) {
    uint64_t op = take(in, 1), low = op & 0x3f;
    switch (op & 0xc0) {
    case 0x40: advance(run, low); return;
    case 0x80:
        set(run, low, COLUMN_SAVED,
            (int64_t)take_uleb(in) * run->cie->data_align, 0);
        return;
    case 0xc0:
        if (low < COLUMNS)
            run->rows->columns[low] = run->initial->columns[low];
        return;
    default: break;
    }
    switch (op) {
    case 0x00: break;
    case 0x02: advance(run, take(in, 1)); break;
    case 0x03: advance(run, take(in, 2)); break;
    case 0x04: advance(run, take(in, 4)); break;
    case 0x0a: remember(run, in, false); break;
    case 0x0b: remember(run, in, true); break;
    case 0x0c:
    case 0x0d:
    case 0x0e:
    case 0x0f:
    case 0x12:
    case 0x13: run_cfa(run, in, op); break;
    case 0x05:
    case 0x06:
    case 0x07:
    case 0x08:
    case 0x09:
    case 0x10:
    case 0x11:
    case 0x14:
    case 0x15:
    case 0x16: run_column(run, in, op); break;
    case 0x2d: break; // AARCH64_negate_ra_state: signatures are cut off always
    case 0x2e: take_uleb(in); break; // GNU_args_size
    default: in->failed = true;
    }
}

static bool run_all(struct run *run, struct input in) {
    run->is_done = false;
    for (unsigned i = 0;
         i < MOST_STEPS && in.at < in.end && !in.failed && !run->is_done; i++)
        run_instruction(run, &in);
    return !in.failed;
}

// --- rules -------------------------------------------------------------------

static bool fits(int64_t value) {
    return value == (int32_t)value;
}

static bool make_cfa(const struct rows *rows, struct terms *terms, uint64_t pc,
                     struct mct_rule *rule) {
    struct term term = {mct_base_of(rows->cfa.reg), false, rows->cfa.off, 0};
    if (rows->cfa.is_expression &&
        !evaluate(terms, rows->cfa.expression, pc, &term))
        return false;
    rule->base = term.base;
    rule->is_word = term.is_word;
    rule->off = (int32_t)term.off;
    rule->plus = (int32_t)term.plus;
    return term.base != MCT_BASE_NONE && fits(term.off) && fits(term.plus);
}

static void make_saved(const struct rows *rows, struct terms *terms,
                       unsigned base, uint64_t pc, struct mct_rule *rule) {
    const struct column *column = &rows->columns[mct_column_of(base)];
    struct term term = {MCT_BASE_CFA, false, column->value, 0};
    struct input expression = {(uint64_t)column->value, column->end, false};
    switch (column->kind) {
    case COLUMN_SAME: return;
    case COLUMN_AT:
        if (!evaluate(terms, expression, pc, &term) || term.is_word)
            term.base = MCT_BASE_NONE;
        break;
    case COLUMN_SAVED: break;
    default: term.base = MCT_BASE_NONE; break;
    }
    if (!fits(term.off))
        term.base = MCT_BASE_NONE;
    rule->changed |= 1u << base;
    rule->bases[base] = term.base;
    rule->offs[base] = (int32_t)term.off;
}

static bool rule_of_rows(const struct rows *rows, struct terms *terms,
                         bool is_signal, uint64_t pc, struct mct_rule *rule) {
    const struct column *ra = &rows->columns[COLUMN_RA];
    *rule = (struct mct_rule){.kind = MCT_RULE_FRAME};
    if (is_signal) {
        rule->kind = MCT_RULE_SIGNAL;
        rule->off = SYS_CONTEXT_OFF;
        return true;
    }
    if (ra->kind == COLUMN_UNDEFINED) {
        rule->kind = MCT_RULE_LAST;
        return true;
    }
    rule->in_link = MCT_BASE_LINK < MCT_BASES && ra->kind == COLUMN_SAME;
    if ((ra->kind != COLUMN_SAVED && !rule->in_link) || !fits(ra->value) ||
        !make_cfa(rows, terms, pc, rule))
        return false;
    rule->ra_off = rule->in_link ? 0 : (int32_t)ra->value;
    for (unsigned base = 1; base < MCT_BASES; base++)
        make_saved(rows, terms, base, pc, rule);
    return true;
}

// False: the instructions cannot be followed.
static bool run_entry(struct work *work, struct input fde, uint64_t start,
                      uint64_t pc) {
    struct run *run = &work->run;
    mct_clear(&work->initial, sizeof work->initial);
    run->cie = &work->cie;
    run->rows = &work->initial;
    run->initial = &work->initial;
    run->depth = 0;
    run->location = 0;
    run->until = pc;
    if (!run_all(run, work->cie.instructions))
        return false;
    mct_copy(&work->rows, &work->initial, sizeof work->rows);
    run->rows = &work->rows;
    run->location = start;
    return run_all(run, fde);
}

bool mct_frames_rule(const struct mct_module *module, uint64_t pc,
                     struct mct_frames_work *room, struct mct_rule *rule) {
    struct work *work = (struct work *)room;
    struct cie *cie = &work->cie;
    uint64_t at = module->table ? search(module, pc) : 0;
    if (at == 0)
        return false;
    struct input fde = open_entry(at);
    uint64_t place = fde.at;
    uint64_t back = take(&fde, 4);
    if (fde.failed || back == 0 || !read_cie(place - back, cie))
        return false;
    uint64_t start = take_pointer(&fde, cie->encoding);
    uint64_t len = take_plain(&fde, cie->encoding & 0x0f);
    if (cie->has_data)
        skip(&fde, take_uleb(&fde));
    return !fde.failed && pc - start < len && run_entry(work, fde, start, pc) &&
           rule_of_rows(&work->rows, &work->terms, cie->is_signal, pc, rule);
}
