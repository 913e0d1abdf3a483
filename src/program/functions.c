// functions.c: where functions are and what they are called.
//
// The candidates are what the image tells, and after the quick pass also
// targets of direct calls, and addresses found in code and data, where nothing
// else covers them. Those of one address make one function with its aliases.
// The length comes from the first source that knows one, or
// reaches up to the next function without the padding before it.
//
// Extents may nest: hand-written code has functions that begin inside others.

#include "program/bits.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

struct finder {
    struct program *program;
    struct arena *scratch;
    struct candidates candidates;
    size_t room; // of program->functions
    bool *sized; // by function: the length was known
    size_t sized_count, sized_room;
    struct index_list late; // where the quick pass was out of step
    struct crossed crossed;
};

// Data between code may hide more of both.
#define ROUNDS_MOST 4

// --- functions ------------------------------------------------------------

// Symbols before debug information, which names parts like their parents;
// global before local, few underscores, short, by name.
static bool is_better_name(const struct candidate *a,
                           const struct candidate *b) {
    if ((a->origin == FROM_DEBUG) != (b->origin == FROM_DEBUG)) {
        return b->origin == FROM_DEBUG;
    }
    if (a->global != b->global) {
        return a->global;
    }
    size_t under_a = 0, under_b = 0;
    while (under_a < a->name.n && a->name.p[under_a] == '_') {
        under_a++;
    }
    while (under_b < b->name.n && b->name.p[under_b] == '_') {
        under_b++;
    }
    if (under_a != under_b) {
        return under_a < under_b;
    }
    if (a->name.n != b->name.n) {
        return a->name.n < b->name.n;
    }
    return str_compare(a->name, b->name) < 0;
}

static bool has_name(const struct function *function, struct str name) {
    if (str_equal(function->name, name)) {
        return true;
    }
    for (uint32_t i = 0; i < function->alias_count; i++) {
        if (str_equal(function->aliases[i], name)) {
            return true;
        }
    }
    return false;
}

static void add_names(struct program *program, struct function *function,
                      const struct candidate *group, size_t count) {
    const struct candidate *best = NULL;
    size_t named = 0;
    for (size_t i = 0; i < count; i++) {
        if (group[i].name.n > 0) {
            named++;
            if (!best || is_better_name(&group[i], best)) {
                best = &group[i];
            }
        }
    }
    if (!best) {
        function->flags |= FUNCTION_NAMELESS;
        function->name =
            str_format(program->arena, "sub_%" PRIx64, function->va);
        return;
    }
    function->name = best->name;
    if (named < 2) {
        return;
    }
    function->aliases = ARENA_ARRAY(program->arena, struct str, named - 1);
    for (size_t i = 0; i < count; i++) {
        if (group[i].name.n > 0 && !has_name(function, group[i].name)) {
            function->aliases[function->alias_count++] = group[i].name;
        }
    }
}

static struct function *push_function(struct finder *finder, uint64_t va,
                                      bool sized) {
    struct program *program = finder->program;
    struct function *function =
        ARENA_PUSH(program->arena, program->functions, program->function_count,
                   finder->room);
    function->va = va;
    *ARENA_PUSH(finder->scratch, finder->sized, finder->sized_count,
                finder->sized_room) = sized;
    return function;
}

// The length that a group of candidates gives; 0: unknown.
static uint64_t group_len(const struct candidate *group, size_t count) {
    uint64_t len = 0;
    uint8_t origin = FROM_LABEL + 1;
    for (size_t i = 0; i < count; i++) {
        const struct candidate *item = &group[i];
        bool better = item->origin < origin ||
                      (item->origin == origin && item->len > len);
        if (item->len > 0 && better) {
            len = item->len;
            origin = item->origin;
        }
    }
    return len;
}

// Whether a range of .eh_frame alone is no function: it spans functions that
// are known by name (hand-written code), or the stubs of imports.
static bool spans_others(const struct finder *finder, size_t next, uint64_t va,
                         uint64_t end_va) {
    const struct candidate_run *all = &finder->candidates.all;
    const struct section *stubs =
        image_find_section(finder->program->image, STR(".plt"));
    if (stubs && va - stubs->va < stubs->len) {
        return true;
    }
    for (size_t i = next; i < all->count && all->items[i].va < end_va; i++) {
        if (all->items[i].origin <= FROM_PLT) {
            return true;
        }
    }
    return false;
}

static void make_functions(struct finder *finder) {
    const struct candidate_run *all = &finder->candidates.all;
    uint64_t covered_va = 0; // end of what is covered by known extents
    for (size_t i = 0, next; i < all->count; i = next) {
        const struct candidate *group = &all->items[i];
        uint8_t best = FROM_LABEL;
        for (next = i; next < all->count && all->items[next].va == group->va;
             next++) {
            uint8_t origin = all->items[next].origin;
            best = origin < best ? origin : best;
        }
        uint64_t len = group_len(group, next - i);
        bool inside = group->va < covered_va;
        if ((best >= FROM_FRAME && inside) ||
            (best == FROM_FRAME &&
             spans_others(finder, next, group->va, group->va + len))) {
            continue;
        }
        struct function *function = push_function(finder, group->va, len > 0);
        function->len = len;
        if (best == FROM_PLT) {
            function->flags |= FUNCTION_PLT;
        }
        if (best == FROM_LABEL) {
            function->flags |= FUNCTION_GUESSED;
        }
        add_names(finder->program, function, group, next - i);
        if (function->va + len > covered_va) {
            covered_va = function->va + len;
        }
    }
}

// --- after the quick pass -------------------------------------------------

static uint64_t range_end(const struct program_bits *bits, uint64_t va) {
    const struct code_range *range = code_range_at(bits, va);
    return range ? range->end_va : va;
}

// Where the last instruction of [va, end_va) that is no padding ends.
static uint64_t without_padding(const struct program *program, uint64_t va,
                                uint64_t end_va) {
    const struct program_bits *bits = program->bits;
    uint64_t last_va = end_va;
    uint32_t index = code_index(bits, va);
    for (uint64_t at = end_va; at-- > va;) {
        struct insn_brief insn;
        if (!bit_get(bits->insns, index + (uint32_t)(at - va))) {
            continue;
        }
        if (!code_brief(program, at, &insn) || !(insn.flags & INSN_PADDING)) {
            break;
        }
        last_va = at;
    }
    return last_va > va ? last_va : end_va;
}

// Functions of unknown length reach up to the next one.
static void bound_functions(struct finder *finder) {
    struct program *program = finder->program;
    for (size_t i = 0; i < program->function_count; i++) {
        struct function *function = &program->functions[i];
        assert(finder->sized); // one for each function
        if (finder->sized[i]) {
            continue;
        }
        uint64_t end_va = range_end(program->bits, function->va);
        if (i + 1 < program->function_count && function[1].va < end_va) {
            end_va = function[1].va;
        }
        end_va = without_padding(program, function->va, end_va);
        function->len = end_va - function->va;
    }
}

// Highest end of the functions up to each, for program_function_at().
static void note_reach(struct program *program, struct arena *arena) {
    program->bits->reach =
        ARENA_ARRAY(arena, uint64_t, program->function_count);
    uint64_t reach_va = 0;
    for (size_t i = 0; i < program->function_count; i++) {
        const struct function *function = &program->functions[i];
        uint64_t end_va = function->va + function->len;
        reach_va = end_va > reach_va ? end_va : reach_va;
        program->bits->reach[i] = reach_va;
    }
}

static const struct symbol *label_at(const struct image *image, uint64_t va) {
    size_t low;
    LOWER_BOUND(low, image->symbol_count, image->symbols[low].va < va);
    for (; low < image->symbol_count && image->symbols[low].va == va; low++) {
        if (image->symbols[low].kind == SYMBOL_LABEL &&
            image->symbols[low].name.n > 0 &&
            image->symbols[low].name.p[0] != '$') {
            return &image->symbols[low];
        }
    }
    return NULL;
}

// Whether a call or an address taken may make a function at va: nothing that
// knows its own length covers it, and nothing starts there already.
static bool is_uncovered(const struct finder *finder, uint64_t va) {
    const struct function *function = program_function_at(finder->program, va);
    if (!function) {
        return code_index(finder->program->bits, va) != INDEX_NONE;
    }
    assert(finder->sized); // one for each function
    return !finder->sized[function - finder->program->functions] &&
           function->va != va;
}

// Whether control cannot fall into va from above, padding not counted.
static bool is_after_gap(const struct program *program, uint64_t va) {
    if (!program_is_insn(program, va) ||
        bit_get(program->bits->direct, code_index(program->bits, va))) {
        return false;
    }
    for (uint64_t at = va; (at = code_previous(program, at)) != 0;) {
        struct insn_brief insn;
        if (!code_brief(program, at, &insn) || !kind_falls_through(insn.kind)) {
            return true;
        }
        if (!(insn.flags & INSN_PADDING)) {
            return false;
        }
    }
    return true;
}

// Whether unwind information tells all functions but some of hand-written
// assembly, as it does of what compilers make unless they are asked not to:
// then an address that is taken, and that it does not know, may as well be that
// of a table among the code, which a probe would destroy.
static bool frames_tell_all(const struct program *program) {
    size_t known = 0, all = 0;
    for (size_t i = 0; i < program->call_count; i++) {
        uint64_t va = program->calls[i].target;
        if (i > 0 && program->calls[i - 1].target == va) {
            continue;
        }
        all += program_is_insn(program, va);
        known += image_frame_range(program->image, va) != NULL;
    }
    return known > 0 && known * 20 >= all * 19;
}

// Number of the first call to `va` or behind it.
static size_t calls_from(const struct program *program, uint64_t va) {
    size_t low;
    LOWER_BOUND(low, program->call_count, program->calls[low].target < va);
    return low;
}

static size_t functions_from(const struct program *program, uint64_t va) {
    size_t low;
    LOWER_BOUND(low, program->function_count, program->functions[low].va < va);
    return low;
}

// The same of a place: unwind information tells the functions before and behind
// it, and nothing between these is called.
static bool is_among_frames(const struct program *program, uint64_t va) {
    size_t next = functions_from(program, va + 1);
    if (next == 0 || next == program->function_count) {
        return false;
    }
    const struct function *before = &program->functions[next - 1];
    uint64_t next_va = before[1].va;
    size_t call = calls_from(program, before->va + before->len);
    while (call < program->call_count &&
           (program->calls[call].target == va ||
            !program_is_insn(program, program->calls[call].target))) {
        call++;
    }
    return image_frame_range(program->image, before->va) &&
           image_frame_range(program->image, next_va) &&
           (call == program->call_count ||
            program->calls[call].target >= next_va);
}

// Whether an address found in code or data may be where a function begins.
static bool is_start(const struct finder *finder, uint64_t va,
                     bool has_all_frames) {
    const struct program *program = finder->program;
    bool is_told = has_all_frames || is_among_frames(program, va);
    bool is_apart = ground_is_reached(program, va)
                        ? crossed_is_apart(program, va)
                        : is_after_gap(program, va);
    return (!is_told || image_frame_range(program->image, va)) &&
           is_uncovered(finder, va) && is_apart &&
           !crossed_at(&finder->crossed, va);
}

static void add_start(struct finder *finder, struct candidate_run *run,
                      uint64_t va) {
    const struct symbol *label = label_at(finder->program->image, va);
    candidates_add(
        &finder->candidates, run,
        (struct candidate){.va = va,
                           .name = label ? label->name : (struct str){0},
                           .origin = FROM_LABEL});
}

// Whether what is called at `call` is a function by that: unless it was found
// out what is code, and this is none for all that is known.
static bool is_call(const struct program *program, size_t call) {
    return !program->bits->ground ||
           ground_is_reached(program, program->calls[call].va);
}

// Whether a relocated pointer lacks the bit that one to a function has.
static bool is_label(const struct program *program, uint64_t va) {
    const struct image *image = program->image;
    size_t low;
    LOWER_BOUND(low, image->mode_count, image->modes[low].va < va);
    bool is_told = low < image->mode_count && image->modes[low].va == va &&
                   image->modes[low].mode != 0;
    return image->is_relocatable && !is_told &&
           ground_is_reached(program, va) && program_mode_at(program, va) != 0;
}

// Where it had to be found out what is code: functions that are reached by
// jumps alone, tail calls, from beyond the next function.
static void add_jumped(struct finder *finder) {
    const struct program *program = finder->program;
    const struct candidate_run *all = &finder->candidates.all;
    struct candidate_run run = {0};
    for (size_t i = 0; program->bits->ground && i < program->branch_count;
         i++) {
        uint64_t va = program->branches[i].target;
        uint64_t from_va = program->branches[i].va;
        uint64_t low_va = va < from_va ? va : from_va;
        uint64_t high_va = va < from_va ? from_va : va;
        size_t next;
        LOWER_BOUND(next, all->count, all->items[next].va <= low_va);
        struct insn_brief insn;
        if (next < all->count && all->items[next].va <= high_va &&
            all->items[next].va != va && ground_is_reached(program, from_va) &&
            ground_is_reached(program, va) && is_start(finder, va, false) &&
            code_brief(program, from_va, &insn) && insn.kind == INSN_JUMP) {
            add_start(finder, &run, va);
        }
    }
    candidates_merge(&finder->candidates, &run);
}

// Targets of calls and addresses taken, where nothing else says what is there.
static void add_targets(struct finder *finder) {
    struct program *program = finder->program;
    const struct program_bits *bits = program->bits;
    struct candidate_run run = {0};
    bool has_all_frames = frames_tell_all(program);
    finder->crossed = crossed_find(program, finder->scratch);
    for (size_t i = 0, next; i < program->call_count; i = next) {
        uint64_t va = program->calls[i].target;
        bool called = is_call(program, i);
        for (next = i + 1;
             next < program->call_count && program->calls[next].target == va;
             next++) {
            called |= is_call(program, next);
        }
        if (program_is_insn(program, va) &&
            (called ? is_uncovered(finder, va)
                    : is_start(finder, va, has_all_frames))) {
            add_start(finder, &run, va);
        }
    }
    candidates_merge(&finder->candidates, &run);
    run = (struct candidate_run){0};
    for (size_t i = 0; i < bits->taken.count; i++) {
        uint64_t va = code_va(bits, bits->taken.items[i]);
        if (is_start(finder, va, has_all_frames)) {
            add_start(finder, &run, va);
        }
    }
    const struct image *image = program->image;
    for (size_t i = 0; i < image->code_pointer_count; i++) {
        uint64_t va = image->code_pointers[i];
        if (!is_label(program, va) && is_start(finder, va, has_all_frames)) {
            add_start(finder, &run, va);
        }
    }
    candidates_merge(&finder->candidates, &run);
    add_jumped(finder);
}

// --- the whole ------------------------------------------------------------

// Instructions of any length are out of step behind a constant, and what they
// seem to lead to was found all the same; where they have few lengths,
// constants look like calls.
static void mark_entries(struct program *program) {
    struct program_bits *bits = program->bits;
    const struct image *image = program->image;
    uint64_t *guesses =
        program->arch->insn_align > 1 ? bits->guessed : bits->found;
    for (size_t i = 0; i < program->function_count; i++) {
        const struct function *function = &program->functions[i];
        bool guessed = (function->flags & FUNCTION_GUESSED) &&
                       !ground_is_reached(program, function->va);
        bool nameless = function->flags & FUNCTION_NAMELESS;
        uint64_t *set = !guessed   ? bits->certain
                        : nameless ? guesses
                                   : bits->found;
        code_mark_target(bits, function->va, set);
    }
    const uint64_t entries[] = {image->entry_va, image->init_va,
                                image->fini_va};
    for (size_t i = 0; i < COUNT_OF(entries); i++) {
        if (entries[i] != 0 || (i == 0 && image->is_bare)) {
            code_mark_target(bits, entries[i], bits->certain);
        }
    }
}

// Constants among the code that symbols tell of.
static void mark_objects(struct program *program) {
    struct program_bits *bits = program->bits;
    const struct image *image = program->image;
    for (size_t i = 0; i < image->symbol_count; i++) {
        const struct symbol *symbol = &image->symbols[i];
        if (symbol->kind == SYMBOL_OBJECT) {
            code_mark_target(bits, symbol->va, bits->read);
        }
    }
}

// Numbers in data that an image loaded where it was linked may jump to.
static void mark_absolute_data(struct program *program) {
    const struct image *image = program->image;
    uint64_t mask = program->arch->abi.code_mask;
    for (size_t i = 0; i < image->segment_count; i++) {
        const struct segment *segment = &image->segments[i];
        struct slice bytes = image_bytes(image, segment->va);
        for (size_t at = -segment->va % 4; at + 4 <= bytes.n; at += 4) {
            uint64_t value = load_uint(bytes.p + at, 4, program->arch->order);
            value &= mask ? mask : UINT64_MAX;
            if (program_is_insn(program, value) &&
                !((segment->flags & SEGMENT_EXEC) &&
                  code_range_at(program->bits, segment->va + at))) {
                code_mark_target(program->bits, value, program->bits->other);
            }
        }
    }
}

static void mark_landings(struct program *program,
                          const struct frame_range *frame) {
    if (frame->lsda_va != 0 && !landing_mark(program, frame)) {
        code_mark_all(program->bits, frame->va, frame->len);
    }
}

static void mark_data(struct program *program) {
    const struct image *image = program->image;
    for (size_t i = 0; i < image->code_pointer_count; i++) {
        code_mark_target(program->bits, image->code_pointers[i],
                         program->bits->found);
    }
    if (!image->is_relocatable) {
        mark_absolute_data(program);
    }
    for (size_t i = 0; i < image->frame_count; i++) {
        const struct frame_range *frame = &image->frames[i];
        if (frame->is_signal) { // the kernel returns there
            code_mark_target(program->bits, frame->va + 1,
                             program->bits->certain);
        }
        mark_landings(program, frame);
    }
    for (size_t i = 0; i < image->handled_count; i++) {
        mark_landings(program, &image->handled[i]);
    }
}

static int compare_vas(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

// The addresses of all functions, of code that came late, and of what is known
// to be code behind what is not.
static uint64_t *all_starts(const struct finder *finder, size_t *count) {
    const struct program *program = finder->program;
    const struct index_list *late = &finder->late;
    const struct program_bits *bits = program->bits;
    *count = program->function_count + late->count + bits->line_count;
    uint64_t *starts = ARENA_ARRAY(finder->scratch, uint64_t, *count);
    uint64_t *more = starts + program->function_count;
    for (size_t i = 0; i < program->function_count; i++) {
        starts[i] = program->functions[i].va;
    }
    for (size_t i = 0; i < late->count; i++) {
        *more++ = code_va(bits, late->items[i]);
    }
    for (size_t i = 0; i < bits->line_count; i++) {
        *more++ = bits->lines[i];
    }
    if (more > starts + program->function_count) {
        qsort(starts, *count, sizeof *starts, compare_vas);
    }
    return starts;
}

static void remake_functions(struct finder *finder) {
    struct program *program = finder->program;
    program->functions = NULL;
    program->function_count = finder->room = 0;
    finder->sized = NULL;
    finder->sized_count = finder->sized_room = 0;
    make_functions(finder);
}

static void find_functions(struct finder *finder) {
    struct program *program = finder->program;
    remake_functions(finder);
    size_t count;
    const uint64_t *starts = all_starts(finder, &count);
    sweep_code(program, starts, count);
    bound_functions(finder);
    note_reach(program, finder->scratch);
    size_t before = finder->candidates.all.count;
    add_targets(finder);
    if (finder->candidates.all.count > before) {
        remake_functions(finder);
        bound_functions(finder);
    }
    note_reach(program, program->arena);
}

// System calls get their numbers. What lies outside of functions, or in bytes
// that are not shown to be code, and sets no number is data that looks like
// one.
static void find_numbers(struct program *program) {
    size_t kept = 0;
    for (size_t i = 0; i < program->syscall_count; i++) {
        struct syscall_site site = program->syscalls[i];
        site.function = program_function_at(program, site.va);
        site.number =
            number_before(program, site.va, program->arch->abi.syscall_number);
        bool doubtful = !program_is_shown(program, site.va);
        if (site.number >= 0 || !doubtful) {
            program->syscalls[kept++] = site;
        }
    }
    program->syscall_count = kept;
}

static void flag_data(struct program *program) {
    for (size_t i = 0; i < program->function_count; i++) {
        struct function *function = &program->functions[i];
        if ((function->flags & FUNCTION_GUESSED) &&
            !program_is_shown(program, function->va)) {
            function->flags |= FUNCTION_DATA;
        }
    }
}

// The whole analysis, with all code that is known to begin somewhere. True:
// there is more.
static bool analyse(struct finder *finder) {
    struct program *program = finder->program;
    struct candidate_run gathered = finder->candidates.all;
    find_functions(finder);
    finder->candidates.all = gathered;
    mark_data(program);
    mark_objects(program);
    parts_find(program);
    blob_find(program);
    mark_entries(program);
    jumps_resolve(program);
    return shown_find(program, finder->scratch, &finder->late);
}

struct program *program_open(struct arena *arena, struct image *image,
                             struct str module, struct diag *diag) {
    struct program *program = ARENA_NEW(arena, struct program);
    *program = (struct program){.image = image,
                                .arch = image->arch,
                                .arena = arena,
                                .module = module,
                                .bits = ARENA_NEW(arena, struct program_bits)};
    if (!code_open(program, diag)) {
        return NULL;
    }
    struct finder finder = {.program = program, .scratch = arena_new()};
    finder.candidates =
        (struct candidates){.arena = finder.scratch, .bits = program->bits};
    candidates_gather(&finder.candidates, image, diag);
    for (unsigned round = 0; analyse(&finder) && round < ROUNDS_MOST; round++) {
        code_clear(program);
    }
    arena_free(finder.scratch);
    flag_data(program);
    find_numbers(program);
    return program;
}

const struct function *program_function_at(const struct program *program,
                                           uint64_t va) {
    size_t low;
    LOWER_BOUND(low, program->function_count, program->functions[low].va <= va);
    // The innermost of nested ones.
    for (size_t i = low; i > 0 && program->bits->reach[i - 1] > va; i--) {
        const struct function *function = &program->functions[i - 1];
        if (va - function->va < function->len) {
            return function;
        }
    }
    return NULL;
}
