// sweep.c: the one quick pass over all code.
//
// Decodes linearly, beginning anew at every address where an instruction is
// known to start, so that data between functions does no harm beyond its
// function. Writes down what anything later may want to know about every
// instruction without decoding it again:
//
//     instruction starts      bitmap
//     direct branches, calls  pairs of indices, sorted by target
//     return points, system calls, indirect jumps   lists
//     addresses of code taken by instructions       marked as targets
//
// Two threads share a large image. They meet only at a word of the bitmap
// that belongs to one of them; everything else goes to lists of their own.

#include "program/bits.h"

#include <pthread.h>
#include <string.h>

// A shorter image is swept by one thread.
#define SPLIT_LEAST (1 << 20)

struct sweep {
    const struct program *program;
    struct arena *arena;
    const uint64_t *starts;
    size_t start_count;
    uint64_t from_va, to_va;
    struct edge_list branches, calls;
    struct index_list returns, jumps, syscalls, taken, read;
};

static void push(struct sweep *sweep, struct index_list *list, uint32_t index) {
    *ARENA_PUSH(sweep->arena, list->items, list->count, list->room) = index;
}

static void push_edge(struct sweep *sweep, const struct code_range *range,
                      struct edge_list *list, uint32_t from, uint64_t target) {
    const struct program_bits *bits = sweep->program->bits;
    uint32_t to = target - range->va < range->len
                      ? range->base + (uint32_t)(target - range->va)
                      : code_index(bits, target);
    if (to != INDEX_NONE) {
        *ARENA_PUSH(sweep->arena, list->items, list->count, list->room) =
            (struct edge){from, to};
    }
}

// In an image that is loaded where it was linked, code may hold the address of
// code as a plain number. Any four bytes of an instruction that look like
// one count, on machines whose instructions have room for one; elsewhere long
// ones are several that are taken together.
static void take_immediates(struct sweep *sweep, const uint8_t *bytes,
                            unsigned len) {
    const struct program *program = sweep->program;
    for (unsigned i = 1; i + 4 <= len; i++) {
        uint64_t value = load_uint(bytes + i, 4, program->arch->order);
        uint32_t index = code_index(program->bits, value);
        if (index != INDEX_NONE) {
            push(sweep, &sweep->taken, index);
        }
    }
}

// The same of a word among the code that an instruction loads.
static void take_literal(struct sweep *sweep, uint64_t va) {
    const struct program *program = sweep->program;
    uint64_t mask = program->arch->abi.code_mask;
    struct slice bytes = image_bytes(program->image, va);
    if (program->image->is_relocatable || bytes.n < 4) {
        return;
    }
    uint64_t value = load_uint(bytes.p, 4, program->arch->order);
    uint32_t index =
        code_index(program->bits, value & (mask ? mask : UINT64_MAX));
    if (index != INDEX_NONE) {
        push(sweep, &sweep->taken, index);
    }
}

static void note(struct sweep *sweep, const struct code_range *range,
                 uint32_t index, const struct insn_brief *insn) {
    switch (insn->kind) {
    case INSN_JUMP:
    case INSN_JUMP_COND:
        push_edge(sweep, range, &sweep->branches, index, insn->target);
        break;
    case INSN_CALL:
        push_edge(sweep, range, &sweep->calls, index, insn->target);
        push(sweep, &sweep->returns, index + insn->len);
        break;
    case INSN_CALL_INDIRECT:
        push(sweep, &sweep->returns, index + insn->len);
        break;
    case INSN_JUMP_INDIRECT:
    case INSN_JUMP_INDIRECT_COND: push(sweep, &sweep->jumps, index); break;
    case INSN_SYSCALL: push(sweep, &sweep->syscalls, index); break;
    default: break;
    }
    if (insn->pc_value != 0) {
        bool takes = insn->flags & INSN_TAKES_ADDRESS;
        uint64_t mask = sweep->program->arch->abi.code_mask;
        uint32_t found =
            code_index(sweep->program->bits,
                       insn->pc_value & (mask && takes ? mask : UINT64_MAX));
        if (found != INDEX_NONE) {
            push(sweep, takes ? &sweep->taken : &sweep->read, found);
        }
        if (found != INDEX_NONE && !takes) {
            take_literal(sweep, insn->pc_value);
        }
    }
}

// From one start up to the next.
static void sweep_run(struct sweep *sweep, const struct code_range *range,
                      uint64_t va, uint64_t end_va) {
    const struct arch *arch = sweep->program->arch;
    uint64_t *insns = sweep->program->bits->insns;
    bool absolute = !sweep->program->image->is_relocatable;
    bool has_room = arch->insn_align == 1;
    uint64_t from_va = va;
    while (va < end_va) {
        uint64_t off = va - range->va;
        uint32_t index = range->base + (uint32_t)off;
        struct code code = {.bytes = {range->bytes + off, range->len - off},
                            .va = va,
                            .mode = range->mode};
        struct insn_brief insn;
        arch->brief(&code, &insn);
        if (insn.flags & INSN_ADDS_OFFSET) {
            pair_complete_brief(sweep->program, range, va, from_va, &insn);
        }
        if (insn.len == 0) {
            va += arch_in_mode(arch, range->mode)->insn_align;
            continue;
        }
        bit_set(insns, index);
        if (insn.kind != INSN_PLAIN || insn.pc_value != 0) {
            note(sweep, range, index, &insn);
        }
        if (absolute && has_room && insn.len >= 5 &&
            !(insn.flags & INSN_PC_RELATIVE)) {
            take_immediates(sweep, code.bytes.p, insn.len);
        }
        va += insn.len;
    }
}

static void *sweep_part(void *argument) {
    struct sweep *sweep = argument;
    const struct program_bits *bits = sweep->program->bits;
    size_t next = 0;
    for (size_t i = 0; i < bits->range_count; i++) {
        const struct code_range *range = &bits->ranges[i];
        uint64_t va = range->va, end_va = range->va + range->len;
        va = va > sweep->from_va ? va : sweep->from_va;
        end_va = end_va < sweep->to_va ? end_va : sweep->to_va;
        while (va < end_va) {
            while (next < sweep->start_count && sweep->starts[next] <= va) {
                next++;
            }
            uint64_t stop = end_va;
            if (next < sweep->start_count && sweep->starts[next] < end_va) {
                stop = sweep->starts[next];
            }
            sweep_run(sweep, range, va, stop);
            va = stop;
        }
    }
    return NULL;
}

// A start near the middle of the code whose index begins a word of the
// bitmap; 0: none.
static uint64_t split_va(const struct program_bits *bits,
                         const uint64_t *starts, size_t count) {
    for (size_t i = count / 2; i < count; i++) {
        if (code_index(bits, starts[i]) % 64 == 0) {
            return starts[i];
        }
    }
    return 0;
}

// Sorts by target: three passes over eleven bits of it each.
static void sort_edges(struct edge_list *list, struct arena *arena) {
    struct edge *from = list->items;
    struct edge *to = ARENA_ARRAY(arena, struct edge, list->count);
    for (unsigned shift = 0; shift < 33; shift += 11) {
        size_t places[2048] = {0};
        for (size_t i = 0; i < list->count; i++) {
            places[from[i].to >> shift & 2047]++;
        }
        size_t sum = 0;
        for (size_t i = 0; i < 2048; i++) {
            size_t count = places[i];
            places[i] = sum;
            sum += count;
        }
        for (size_t i = 0; i < list->count; i++) {
            to[places[from[i].to >> shift & 2047]++] = from[i];
        }
        struct edge *swap = from;
        from = to;
        to = swap;
    }
    list->items = from;
}

struct expansion {
    const struct program_bits *bits;
    struct edge_list parts[2];
    struct arena *arena;
    struct branch *out;
    size_t count;
};

static uint64_t va_near(const struct program_bits *bits, uint32_t index,
                        const struct code_range **range) {
    if (index - (*range)->base >= (*range)->len) {
        *range = code_range_at(bits, code_va(bits, index));
    }
    return (*range)->va + (index - (*range)->base);
}

// Joins the lists of two threads into one array of addresses.
static void *expand_edges(void *argument) {
    struct expansion *work = argument;
    const struct edge_list *parts = work->parts;
    struct edge_list all = {.count = work->count};
    all.items = ARENA_ARRAY(work->arena, struct edge, all.count);
    for (size_t i = 0, at = 0; i < 2; at += parts[i++].count) {
        if (parts[i].count > 0) {
            memcpy(all.items + at, parts[i].items,
                   parts[i].count * sizeof *all.items);
        }
    }
    sort_edges(&all, work->arena);
    const struct code_range *from = work->bits->ranges, *to = from;
    for (size_t i = 0; i < all.count; i++) {
        work->out[i] = (struct branch){
            .va = va_near(work->bits, all.items[i].from, &from),
            .target = va_near(work->bits, all.items[i].to, &to)};
    }
    return NULL;
}

static void join_edges(struct program *program, struct sweep *a,
                       struct sweep *b) {
    struct expansion branches = {.bits = program->bits,
                                 .parts = {a->branches, b->branches},
                                 .arena = a->arena,
                                 .count =
                                     a->branches.count + b->branches.count};
    struct expansion calls = {.bits = program->bits,
                              .parts = {a->calls, b->calls},
                              .arena = b->arena,
                              .count = a->calls.count + b->calls.count};
    branches.out = ARENA_ARRAY(program->arena, struct branch, branches.count);
    calls.out = ARENA_ARRAY(program->arena, struct branch, calls.count);
    pthread_t thread;
    bool threaded = calls.count > 10000 &&
                    pthread_create(&thread, NULL, expand_edges, &calls) == 0;
    expand_edges(&branches);
    if (threaded) {
        pthread_join(thread, NULL);
    } else {
        expand_edges(&calls);
    }
    program->branches = branches.out;
    program->branch_count = branches.count;
    program->calls = calls.out;
    program->call_count = calls.count;
}

static void join_list(struct arena *arena, struct index_list *out,
                      const struct index_list *a, const struct index_list *b) {
    *out = (struct index_list){.count = a->count + b->count,
                               .room = a->count + b->count};
    out->items = ARENA_ARRAY(arena, uint32_t, out->count);
    if (a->count > 0) {
        memcpy(out->items, a->items, a->count * sizeof *a->items);
    }
    if (b->count > 0) {
        memcpy(out->items + a->count, b->items, b->count * sizeof *b->items);
    }
}

static void mark_edges(uint64_t *bitmap, const struct edge_list *list) {
    for (size_t i = 0; i < list->count; i++) {
        bit_set(bitmap, list->items[i].to);
    }
}

static void mark_list(uint64_t *bitmap, const struct index_list *list) {
    for (size_t i = 0; i < list->count; i++) {
        bit_set(bitmap, list->items[i]);
    }
}

// On machines with instructions of any length it may be part of one all the
// same.
bool code_is_constant(const struct program *program, uint32_t index) {
    const struct program_bits *bits = program->bits;
    unsigned align = program->arch->insn_align;
    return align > 1 &&
           (bit_get(bits->read, index) || (align < 4 && index >= align &&
                                           bit_get(bits->read, index - align)));
}

// What both halves found becomes the program's.
static void join(struct program *program, struct sweep *parts) {
    struct program_bits *bits = program->bits;
    for (size_t i = 0; i < 2; i++) {
        mark_edges(bits->direct, &parts[i].branches);
        mark_edges(bits->other, &parts[i].calls);
        mark_list(bits->other, &parts[i].returns);
        mark_list(bits->other, &parts[i].taken);
        mark_list(bits->other, &parts[i].read);
        mark_list(bits->read, &parts[i].read);
    }
    struct arena *arena = program->arena;
    join_list(arena, &bits->return_points, &parts[0].returns,
              &parts[1].returns);
    join_list(arena, &bits->indirect_jumps, &parts[0].jumps, &parts[1].jumps);
    join_list(arena, &bits->taken, &parts[0].taken, &parts[1].taken);
    struct index_list syscalls;
    join_list(arena, &syscalls, &parts[0].syscalls, &parts[1].syscalls);
    program->syscalls = ARENA_ARRAY(arena, struct syscall_site, syscalls.count);
    program->syscall_count = 0;
    for (size_t i = 0; i < syscalls.count; i++) {
        uint32_t index = syscalls.items[i];
        if (code_is_constant(program, index)) {
            continue;
        }
        program->syscalls[program->syscall_count++] =
            (struct syscall_site){.va = code_va(bits, index), .number = -1};
    }
    join_edges(program, &parts[0], &parts[1]);
}

void sweep_code(struct program *program, const uint64_t *starts,
                size_t start_count) {
    const struct program_bits *bits = program->bits;
    uint64_t middle = 0;
    if (bits->index_count >= SPLIT_LEAST) {
        middle = split_va(bits, starts, start_count);
    }
    struct sweep parts[2];
    for (size_t i = 0; i < 2; i++) {
        parts[i] = (struct sweep){.program = program,
                                  .arena = arena_new(),
                                  .starts = starts,
                                  .start_count = start_count,
                                  .to_va = UINT64_MAX};
    }
    parts[1].from_va = UINT64_MAX;
    if (middle > 0) {
        parts[0].to_va = parts[1].from_va = middle;
    }
    pthread_t thread;
    bool threaded =
        middle > 0 && pthread_create(&thread, NULL, sweep_part, &parts[1]) == 0;
    sweep_part(&parts[0]);
    if (threaded) {
        pthread_join(thread, NULL);
    } else {
        sweep_part(&parts[1]);
    }
    join(program, parts);
    arena_free(parts[0].arena);
    arena_free(parts[1].arena);
}
