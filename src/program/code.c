// code.c: which bytes of an image are code, and the index of each.
//
// The image says where code may lie. What a header claims beyond the file's
// bytes is cut off, overlapping claims are given to the first. Where constants
// lie among the code, assemblers leave mapping symbols: $d where data begins,
// $x, $a, $t and the like where there is code again. In which encoding it is
// the image says, and the branches that lead there (modes.c); where such
// symbols were stripped, ground.c finds out both.

#include "program/bits.h"

#include <stdlib.h>
#include <string.h>

static int compare_ranges(const void *a, const void *b) {
    const struct code_range *x = a, *y = b;
    return x->va < y->va ? -1 : x->va > y->va;
}

static void add_range(struct program *program, size_t *room, uint64_t va,
                      uint64_t len, uint64_t section_end_va, uint8_t mode) {
    struct program_bits *bits = program->bits;
    struct slice bytes = image_bytes(program->image, va);
    if (len > bytes.n) {
        len = bytes.n;
    }
    if (len == 0) {
        return;
    }
    struct code_range *range =
        ARENA_PUSH(program->arena, bits->ranges, bits->range_count, *room);
    *range = (struct code_range){
        .va = va,
        .len = len,
        .bytes = bytes.p,
        .end_va = section_end_va < va + bytes.n ? section_end_va : va + bytes.n,
        .mode = mode};
}

// What a mapping symbol says: a letter; 0: it is none.
static char mapping_of(const struct symbol *symbol) {
    struct str name = symbol->name;
    bool is_one = symbol->kind == SYMBOL_LABEL && !symbol->global &&
                  name.n >= 2 && name.p[0] == '$' &&
                  (name.n == 2 || name.p[2] == '.' || name.p[1] == 'x');
    return is_one ? name.p[1] : 0;
}

static size_t symbols_from(const struct image *image, uint64_t va) {
    size_t low;
    LOWER_BOUND(low, image->symbol_count, image->symbols[low].va < va);
    return low;
}

#define GUESS_STEP 4

// How far code of a mode goes for certain, if it begins here: to where it first
// goes elsewhere.
static uint64_t certain_len(const struct arch *arch, struct slice bytes,
                            uint64_t va, uint8_t mode) {
    uint64_t len = 0;
    while (len < bytes.n) {
        struct code code = {
            {bytes.p + len, bytes.n - (size_t)len}, va + len, mode};
        struct insn insn;
        if (!arch->decode(&code, &insn)) {
            break;
        }
        len += insn.len;
        if (insn.kind == INSN_JUMP || insn.kind == INSN_RETURN ||
            insn.kind == INSN_JUMP_INDIRECT || insn.kind == INSN_STOP) {
            break;
        }
    }
    return (len + GUESS_STEP - 1) / GUESS_STEP * GUESS_STEP;
}

// Whether there may be code of more than one mode that nothing tells of: boards
// whose processors have only one know no status of all modes either.
static bool may_guess(const struct program *program) {
    const struct image *image = program->image;
    return !program->bits->is_mapped &&
           (!image->is_bare || image->processor.holds_by_status);
}

// The first of what is known of modes that lies behind va.
static size_t modes_behind(const struct program_bits *bits, uint64_t va) {
    size_t low;
    LOWER_BOUND(low, bits->mode_count, bits->modes[low].va <= va);
    return low;
}

static bool is_stub(const struct image *image, uint64_t va) {
    size_t low;
    LOWER_BOUND(low, image->plt_count, image->plt[low].va < va);
    return low < image->plt_count && image->plt[low].va == va;
}

// The mode of most places of which it is known; stubs have one of their own.
static uint8_t most_frequent_mode(const struct program *program) {
    const struct program_bits *bits = program->bits;
    size_t counts[2] = {0};
    for (size_t i = 0; i < bits->mode_count; i++) {
        if (!is_stub(program->image, bits->modes[i].va)) {
            counts[bits->modes[i].mode != 0]++;
        }
    }
    return counts[0] <= counts[1];
}

// How much of [va, va + len) has the mode that va has, by its look. A system's
// programs have functions of another mode here and there; what they seem to
// have in between of the mode that most of them is in are constants.
static uint64_t guessed_len(const struct program *program, uint64_t va,
                            uint64_t len, uint8_t mode) {
    const struct arch *arch = program->arch;
    struct slice bytes = image_bytes(program->image, va);
    if (!may_guess(program) ||
        (!program->image->is_bare && mode == program->bits->usual_mode)) {
        return len;
    }
    uint64_t at = certain_len(arch, bytes, va, mode);
    at += at == 0 ? GUESS_STEP : 0;
    at += (0 - (va + at)) % GUESS_STEP;
    for (; at < len && at < bytes.n; at += GUESS_STEP) {
        struct slice rest = {bytes.p + at, (size_t)(bytes.n - at)};
        if (arch->guess_mode(rest, mode) != mode) {
            return at;
        }
    }
    return len;
}

// Without mapping symbols the mode is told where symbols are; behind the last
// function of one there may be others that have none, and constants. What is
// known of places further on holds there again.
static void add_guessed(struct program *program, size_t *room, uint64_t va,
                        uint64_t len, uint64_t section_end_va, uint8_t mode) {
    const struct program_bits *bits = program->bits;
    uint64_t end_va = va + len, begin_va = va; // of one mode
    uint8_t now = mode;
    for (size_t i = modes_behind(bits, va); va < end_va; i++) {
        bool known = i < bits->mode_count && bits->modes[i].va < end_va;
        uint64_t next_va = known ? bits->modes[i].va : end_va;
        if (now != mode) {
            add_range(program, room, begin_va, va - begin_va, section_end_va,
                      now);
            begin_va = va;
            now = mode;
        }
        while (va < next_va) {
            va += guessed_len(program, va, next_va - va, now);
            if (va < next_va) {
                add_range(program, room, begin_va, va - begin_va,
                          section_end_va, now);
                begin_va = va;
                now = !now;
            }
        }
        va = next_va;
    }
    add_range(program, room, begin_va, end_va - begin_va, section_end_va, now);
}

// Code in pieces of one mode each.
static void add_code(struct program *program, size_t *room, uint64_t va,
                     uint64_t end_va, uint64_t section_end_va) {
    const struct program_bits *bits = program->bits;
    size_t i = modes_behind(bits, va);
    uint8_t mode = i > 0 ? bits->modes[i - 1].mode : 0;
    void (*add)(struct program *, size_t *, uint64_t, uint64_t, uint64_t,
                uint8_t) = program->arch->guess_mode ? add_guessed : add_range;
    for (; i < bits->mode_count && bits->modes[i].va < end_va; i++) {
        const struct code_mode *next = &bits->modes[i];
        if (next->mode == mode) {
            continue;
        }
        add(program, room, va, next->va - va, section_end_va, mode);
        va = next->va;
        mode = next->mode;
    }
    add(program, room, va, end_va - va, section_end_va, mode);
}

static void add_mapped(struct program *program, size_t *room, uint64_t va,
                       uint64_t end_va) {
    const struct image *image = program->image;
    bool is_data = false;
    for (size_t i = symbols_from(image, va);
         i < image->symbol_count && image->symbols[i].va < end_va; i++) {
        const struct symbol *symbol = &image->symbols[i];
        char mapping = mapping_of(symbol);
        if (mapping == 0 || (mapping == 'd') == is_data) {
            continue;
        }
        if (!is_data) {
            add_code(program, room, va, symbol->va, end_va);
        }
        va = symbol->va;
        is_data = !is_data;
    }
    if (!is_data) {
        add_code(program, room, va, end_va, end_va);
    }
}

// The same of what ground.c found out.
static void add_marked(struct program *program, size_t *room, uint64_t va,
                       uint64_t end_va) {
    const struct program_bits *bits = program->bits;
    struct code_mark here = {0};
    size_t i;
    LOWER_BOUND(i, bits->mark_count, bits->marks[i].va < va);
    for (; i < bits->mark_count && bits->marks[i].va < end_va; i++) {
        const struct code_mark *mark = &bits->marks[i];
        if (!here.is_data) {
            add_range(program, room, va, mark->va - va, end_va, here.mode);
        }
        va = mark->va;
        here = *mark;
    }
    if (!here.is_data) {
        add_range(program, room, va, end_va - va, end_va, here.mode);
    }
}

static bool has_mapping(const struct image *image) {
    for (size_t i = 0; i < image->symbol_count; i++) {
        char mapping = mapping_of(&image->symbols[i]);
        if (mapping == 'a' || mapping == 't') {
            return true;
        }
    }
    return false;
}

static void collect_ranges(struct program *program) {
    const struct image *image = program->image;
    program->bits->is_mapped = has_mapping(image);
    modes_find(program);
    program->bits->usual_mode = most_frequent_mode(program);
    size_t room = 0;
    bool is_stripped =
        program->arch->modes && !program->bits->is_mapped && !image->is_bare;
    if (is_stripped) {
        ground_survey(program);
    }
    for (size_t i = 0; i < image->code_count; i++) {
        const struct segment *code = &image->code[i];
        (is_stripped ? add_marked : add_mapped)(program, &room, code->va,
                                                code->va + code->file_len);
    }
}

// Data of a section has indices too, so that those of a function lie as its
// addresses do, which may go on to the section's end; and what is between
// sections that are close.
#define GAP_MOST 65536

// Sorts the ranges, cuts overlaps and gives out indices. False: too much.
static bool number_ranges(struct program_bits *bits) {
    qsort(bits->ranges, bits->range_count, sizeof *bits->ranges,
          compare_ranges);
    uint64_t base = 0, end_va = 0, numbered_va = 0;
    size_t kept = 0;
    for (size_t i = 0; i < bits->range_count; i++) {
        struct code_range range = bits->ranges[i];
        uint64_t cut = range.va < end_va ? end_va - range.va : 0;
        if (cut >= range.len) {
            continue;
        }
        range.va += cut;
        range.bytes += cut;
        range.len -= cut;
        end_va = range.va + range.len;
        bool is_close = kept > 0 && (range.va < numbered_va ||
                                     range.va - numbered_va < GAP_MOST);
        if (is_close) {
            const struct code_range *last = &bits->ranges[kept - 1];
            range.base = last->base + (uint32_t)(range.va - last->va);
        } else {
            range.base = (uint32_t)base;
        }
        uint64_t section_va = end_va > range.end_va ? end_va : range.end_va;
        if (!is_close || section_va > numbered_va) {
            numbered_va = section_va;
        }
        // The index of the end itself exists too.
        base = (range.base + (numbered_va - range.va) + 64) & ~(uint64_t)63;
        if (base >= INDEX_NONE) {
            return false;
        }
        bits->ranges[kept++] = range;
    }
    bits->range_count = kept;
    bits->index_count = (uint32_t)base;
    return true;
}

bool code_open(struct program *program, struct diag *diag) {
    struct program_bits *bits = program->bits;
    collect_ranges(program);
    const char *path = str_terminated(program->arena, program->image->path);
    if (bits->range_count == 0) {
        diag_error_at(diag, B_NO_CODE, path, "the file holds no code");
        return false;
    }
    if (!number_ranges(bits)) {
        diag_error_at(diag, B_HEADER, path, "more than 4 GB of code");
        return false;
    }
    bases_find(program);
    code_clear(program);
    return true;
}

void code_clear(struct program *program) {
    struct program_bits *bits = program->bits, old = *bits;
    *bits = (struct program_bits){.ranges = bits->ranges,
                                  .range_count = bits->range_count,
                                  .index_count = bits->index_count};
    bits->ground = old.ground;
    bits->lines = old.lines;
    bits->line_count = old.line_count;
    memcpy(bits->base_vas, old.base_vas, sizeof old.base_vas);
    uint64_t **const maps[] = {&bits->insns,   &bits->direct,  &bits->other,
                               &bits->certain, &bits->found,   &bits->read,
                               &bits->shown,   &bits->guessed, &bits->refuted};
    for (size_t i = 0; i < COUNT_OF(maps); i++) {
        *maps[i] =
            ARENA_ARRAY(program->arena, uint64_t, bits->index_count / 64 + 1);
    }
}

const struct code_range *code_range_at(const struct program_bits *bits,
                                       uint64_t va) {
    size_t behind;
    LOWER_BOUND(behind, bits->range_count, bits->ranges[behind].va <= va);
    if (behind == 0) {
        return NULL;
    }
    const struct code_range *range = &bits->ranges[behind - 1];
    return va - range->va < range->len ? range : NULL;
}

uint32_t code_index(const struct program_bits *bits, uint64_t va) {
    const struct code_range *range = code_range_at(bits, va);
    return range ? range->base + (uint32_t)(va - range->va) : INDEX_NONE;
}

uint64_t code_va(const struct program_bits *bits, uint32_t index) {
    size_t behind;
    LOWER_BOUND(behind, bits->range_count, bits->ranges[behind].base <= index);
    const struct code_range *range = &bits->ranges[behind - 1];
    return range->va + (index - range->base);
}

void code_mark_target(struct program_bits *bits, uint64_t va, uint64_t *set) {
    uint32_t index = code_index(bits, va);
    if (index != INDEX_NONE) {
        bit_set(set, index);
        bit_set(bits->other, index);
    }
}

void code_mark_all(struct program_bits *bits, uint64_t va, uint64_t len) {
    uint32_t index = code_index(bits, va);
    if (index == INDEX_NONE) {
        return;
    }
    uint64_t room = bits->index_count - index;
    uint32_t end = index + (uint32_t)(len < room ? len : room);
    for (; index < end; index++) {
        if (bit_get(bits->insns, index)) {
            bit_set(bits->other, index);
        }
    }
}

uint8_t program_mode_at(const struct program *program, uint64_t va) {
    const struct code_range *range = code_range_at(program->bits, va);
    return range ? range->mode : image_mode_at(program->image, va);
}

void program_mode_part(const struct program *program, uint64_t at, uint64_t *va,
                       uint64_t *end_va) {
    const struct program_bits *bits = program->bits;
    const struct code_range *here = code_range_at(bits, at);
    const struct code_range *end = bits->ranges + bits->range_count;
    if (!here) {
        return;
    }
    for (const struct code_range *range = here + 1;
         range < end && range->va < *end_va; range++) {
        if (range->mode != here->mode) {
            *end_va = range->va;
        }
    }
    for (const struct code_range *range = here;
         range > bits->ranges && range[-1].va + range[-1].len > *va; range--) {
        if (range[-1].mode != here->mode) {
            *va = range[-1].va + range[-1].len;
        }
    }
}

static bool code_at(const struct program *program, uint64_t va,
                    struct code *code) {
    const struct code_range *range = code_range_at(program->bits, va);
    if (!range) {
        return false;
    }
    uint64_t off = va - range->va;
    *code = (struct code){.bytes = {range->bytes + off, range->len - off},
                          .va = va,
                          .mode = range->mode};
    return true;
}

bool code_brief(const struct program *program, uint64_t va,
                struct insn_brief *out) {
    struct code code;
    if (!code_at(program, va, &code)) {
        return false;
    }
    program->arch->brief(&code, out);
    if (out->flags & INSN_ADDS_OFFSET) {
        const struct code_range *range = code_range_at(program->bits, va);
        pair_complete_brief(program, range, va, range->va, out);
    }
    return out->len > 0;
}

bool program_decode(const struct program *program, uint64_t va,
                    struct insn *insn) {
    struct code code;
    if (!code_at(program, va, &code)) {
        *insn = (struct insn){.va = va,
                              .kind = INSN_UNKNOWN,
                              .reads = REGSET_ALL,
                              .clobbers = REGSET_ALL,
                              .const_reg = REG_NONE,
                              .base_reg = REG_NONE,
                              .loaded_reg = REG_NONE,
                              .copy_reg = REG_NONE,
                              .len = program->arch->insn_align};
        return false;
    }
    return program->arch->decode(&code, insn);
}

bool code_next_insn(const struct program *program,
                    const struct function *function, uint64_t *off,
                    struct insn *insn) {
    const struct program_bits *bits = program->bits;
    uint32_t base = code_index(bits, function->va);
    while (*off < function->len) {
        uint64_t at = *off;
        if (bit_get(bits->insns, base + (uint32_t)at) &&
            program_decode(program, function->va + at, insn)) {
            *off += insn->len;
            return true;
        }
        *off += program->arch->insn_align;
    }
    return false;
}
