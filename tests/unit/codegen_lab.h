// codegen_lab.h: shapes compiled, cut, placed in executable memory and run, as
// they would be in an instrumented program.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "codegen/codegen.h"
#include "mctrace/aggs.h"
#include "mctrace/runtime.h"

#define SHAPES      60
#define HOLES       64
#define TEXT_ROOM   (1 << 20)
#define STACK_WORDS 16
#define VARIABLES   10

// --- running a stencil ---

struct machine {
    uint64_t regs[16]; // by number; rsp is not used
    uint64_t flags;
};

void run_code(struct machine *machine, const void *code);

// Loads all registers, calls, stores all registers.
__asm__("run_code:\n"
        "push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15\n"
        "push %rdi; push %rsi\n"
        "mov %rdi, %r15\n"
        "push 128(%r15); popfq\n"
        "mov 0(%r15), %rax; mov 8(%r15), %rcx; mov 16(%r15), %rdx\n"
        "mov 24(%r15), %rbx; mov 40(%r15), %rbp; mov 48(%r15), %rsi\n"
        "mov 56(%r15), %rdi; mov 64(%r15), %r8; mov 72(%r15), %r9\n"
        "mov 80(%r15), %r10; mov 88(%r15), %r11; mov 96(%r15), %r12\n"
        "mov 104(%r15), %r13; mov 112(%r15), %r14; mov 120(%r15), %r15\n"
        "call *(%rsp)\n"
        "push %r15\n"
        "mov 16(%rsp), %r15\n"
        "mov %rax, 0(%r15); mov %rcx, 8(%r15); mov %rdx, 16(%r15)\n"
        "mov %rbx, 24(%r15); mov %rbp, 40(%r15); mov %rsi, 48(%r15)\n"
        "mov %rdi, 56(%r15); mov %r8, 64(%r15); mov %r9, 72(%r15)\n"
        "mov %r10, 80(%r15); mov %r11, 88(%r15); mov %r12, 96(%r15)\n"
        "mov %r13, 104(%r15); mov %r14, 112(%r15)\n"
        "pop %rax; mov %rax, 120(%r15)\n"
        "pushfq; pop %rax; mov %rax, 128(%r15)\n"
        "pop %rsi; pop %rdi\n"
        "pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx\n"
        "ret\n");

// --- a world for shapes ---

struct world {
    const struct backend *backend; // NULL: LLVM's
    struct arena *arena;
    struct diag diag;
    const struct arch *arch;
    struct ir_script script;
    struct layout layout;
    struct ir_variable *variables[VARIABLES];
    const struct ir_clause *shapes[SHAPES];
    uint64_t holes[SHAPES][HOLES];
    size_t shape_count;
    struct stencil_set set;
    uint8_t *memory; // code and constants, then the region
    size_t used;
    uint8_t *region, *shared, *rodata, *texts, *config, *nothing, *own;
    void *entries[SHAPES];
    uint64_t seed;
    // While a clause is made:
    struct ir_clause *clause;
    size_t hole_room;
    uint64_t *hole_values;
};

static struct ir_expr *node(struct world *world, enum ir_op op,
                            struct ir_type type) {
    return ir_expr_new(world->arena, op, type, (struct span){0});
}

static uint32_t new_hole(struct world *world, enum ir_hole_kind kind,
                         uint64_t value) {
    struct ir_clause *clause = world->clause;
    assert_true(clause->hole_count < HOLES);
    clause->hole_kinds[clause->hole_count] = (uint8_t)kind;
    world->hole_values[clause->hole_count] = value;
    return clause->hole_count++;
}

static struct ir_clause *new_clause(struct world *world) {
    world->clause = ARENA_NEW(world->arena, struct ir_clause);
    world->hole_values = world->holes[world->shape_count];
    world->clause->opens = world->clause->closes = true;
    world->clause->hole_kinds = ARENA_ARRAY(world->arena, uint8_t, HOLES);
    return world->clause;
}

static void add_shape(struct world *world, const struct ir_clause *clause) {
    ir_check(clause);
    world->shapes[world->shape_count++] = clause;
}

// --- making it executable ---

static uint8_t *put(struct world *world, const void *bytes, size_t len) {
    world->used = (world->used + 15) / 16 * 16;
    uint8_t *at = world->memory + world->used;
    assert_true(world->used + len < TEXT_ROOM);
    memcpy(at, bytes, len);
    world->used += len;
    return at;
}

static uint64_t target(struct world *world, const struct patch_point *point,
                       const uint64_t *holes, const uint8_t *next) {
    switch ((enum target_kind)point->kind) {
    case TARGET_NEXT: return (uint64_t)next;
    case TARGET_REGION: return (uint64_t)world->region;
    case TARGET_PRIVATE: return (uint64_t)world->own;
    case TARGET_SLOT: return (uint64_t)(world->region + holes[point->index]);
    case TARGET_VALUE: return (uint64_t)put(world, &holes[point->index], 8);
    case TARGET_TEXTS: return (uint64_t)world->texts;
    case TARGET_SHARED: return (uint64_t)(world->shared + point->index);
    case TARGET_RODATA: return (uint64_t)(world->rodata + point->index);
    case TARGET_DATA:
    case TARGET_EXTERN: break;
    }
    if (point->kind == TARGET_DATA)
        return (uint64_t)world->nothing; // there is no library
    struct str name = world->set.externs[point->index];
    return (uint64_t)(str_equal(name, STR("mct_config")) ? world->config
                                                         : world->nothing);
}

static void fill_in(struct world *world, uint8_t *code,
                    const struct patch_point *points, size_t count,
                    const uint64_t *holes, const uint8_t *next) {
    for (size_t i = 0; i < count; i++) {
        uint8_t *field = code + points[i].off;
        uint64_t value =
            target(world, &points[i], holes, next) + (uint64_t)points[i].addend;
        if (points[i].reloc->pc_relative)
            value -= (uint64_t)field;
        assert_true((int64_t)value == (int32_t)value);
        store_uint(field, value, points[i].reloc->len, ORDER_LITTLE);
    }
}

static void protect(struct world *world, int protection) {
    assert_int_equal(mprotect(world->memory, TEXT_ROOM, protection), 0);
}

static void place_all(struct world *world) {
    struct stencil_set *set = &world->set;
    struct mct_config config = {.vars_off = world->layout.vars_off};
    config.strsize = world->layout.strsize;
    config.scratch_len = 4096;
    config.self_len = world->layout.self_len;
    config.this_len = world->layout.this_len;
    world->memory =
        mmap(NULL, TEXT_ROOM + world->layout.region_len + MCT_PRIVATE_LEN,
             PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(world->memory, MAP_FAILED);
    world->region = world->memory + TEXT_ROOM;
    world->own = world->region + world->layout.region_len;
    world->nothing = put(world, "\xc3", 1); // ret
    world->config = put(world, &config, sizeof config);
    world->texts = put(world, world->layout.texts.p, world->layout.texts.n);
    world->shared = put(world, set->shared.p, set->shared.n);
    world->rodata = put(world, set->rodata.p, set->rodata.n);
    fill_in(world, world->shared, set->shared_points, set->shared_point_count,
            NULL, NULL);
    fill_in(world, world->rodata, set->rodata_points, set->rodata_point_count,
            NULL, NULL);
    for (size_t i = 0; i < world->shape_count; i++) {
        const struct stencil *stencil = &set->stencils[i];
        uint8_t *code = put(world, stencil->code.p, stencil->code.n);
        world->memory[world->used++] = 0xc3; // ret
        world->entries[i] = code;
        fill_in(world, code, stencil->points, stencil->point_count,
                world->holes[i], code + stencil->code.n);
    }
    protect(world, PROT_READ | PROT_EXEC);
}

static void add_aggregation(struct world *world, const char *name,
                            uint32_t key_count) {
    static const int64_t linear[] = {-5, 100, 7}, log_linear[] = {10, 0, 6, 20};
    struct ir_script *script = &world->script;
    struct ir_aggregation *aggregation =
        ARENA_NEW(world->arena, struct ir_aggregation);
    aggregation->name = STR("@");
    aggregation->function = agg_function_find(str_from(name));
    bool is_linear = aggregation->function->id == MCT_AGG_lquantize;
    aggregation->param_count = is_linear ? 3 : 4;
    memcpy(aggregation->params, is_linear ? linear : log_linear,
           aggregation->param_count * 8);
    aggregation->key_count = key_count;
    aggregation->key_types =
        ARENA_ARRAY(world->arena, struct ir_type, key_count);
    aggregation->key_forms =
        ARENA_ARRAY(world->arena, struct ir_key_form, key_count);
    aggregation->cell_count =
        agg_cell_count(aggregation->function, aggregation->params);
    aggregation->counts_updates = aggregation->function->cells[0] == '*';
    aggregation->cell_count += aggregation->counts_updates;
    aggregation->index = (uint32_t)script->aggregation_count;
    aggregation->has_table = key_count != 0;
    script->aggregations[script->aggregation_count++] = aggregation;
}

static void set_up(struct world *world) {
    struct ir_script *script = &world->script;
    world->arena = arena_new();
    diag_init(&world->diag, stderr, "test");
    world->arch = arch_by_name(STR("x86_64"));
    script->strsize = 20;
    script->aggsize = 1 << 14;
    script->variables = world->variables;
    script->variable_count = VARIABLES;
    for (size_t i = 0; i < VARIABLES; i++) {
        struct ir_variable *variable =
            ARENA_NEW(world->arena, struct ir_variable);
        variable->name = STR("v");
        variable->type =
            i < 2 ? IR_TYPE_STRING
                  : (struct ir_type){IR_INT, (uint8_t)(8 << (i - 2) / 2),
                                     i % 2 != 0};
        world->variables[i] = variable;
    }
    script->aggregations =
        ARENA_ARRAY(world->arena, struct ir_aggregation *, 32);
    size_t first_table = 0;
    static const char *const names[] = {
#define AGG(name, id, least, most, cells) #name,
#include "mctrace/aggs.def"
#undef AGG
    };
    for (size_t i = 0; i < COUNT_OF(names); i++)
        add_aggregation(world, names[i], 0);
    first_table = script->aggregation_count;
    add_aggregation(world, "count", 1);
    add_aggregation(world, "stddev", 2);
    add_aggregation(world, "min", 3);
    layout_begin(&world->layout, world->arena, script, world->arch);
    for (size_t i = 0; i < first_table; i++) {
        struct ir_aggregation *aggregation = script->aggregations[i];
        aggregation->slots = ARENA_NEW(world->arena, struct ir_agg_slot);
        aggregation->slots[0].off =
            world->layout.aggs_off + world->layout.aggs_len;
        world->layout.aggs_len += aggregation->cell_count * 8;
    }
    assert_true(layout_end(&world->layout, script, &world->diag));
}

static struct codegen_input make_input(struct world *world) {
    return (struct codegen_input){.arch = world->arch,
                                  .shapes = world->shapes,
                                  .shape_count = world->shape_count,
                                  .layout = &world->layout,
                                  .arena = world->arena};
}

static const struct backend *backend_of(const struct world *world) {
    return world->backend ? world->backend : &backend_llvm;
}

static void compile(struct world *world) {
    static const char *const keep[] = {"mct_entry", "mct_init", "mct_arm"};
    struct codegen_input input = make_input(world);
    input.keep = keep;
    input.keep_count = COUNT_OF(keep);
    struct object object;
    assert_true(backend_of(world)->compile(&input, &object, &world->diag));
    assert_true(
        stencil_cut(world->arena, &object, &input, &world->set, &world->diag));
}

static void tear_down(struct world *world) {
    if (world->memory)
        munmap(world->memory,
               TEXT_ROOM + world->layout.region_len + MCT_PRIVATE_LEN);
    arena_free(world->arena);
}
