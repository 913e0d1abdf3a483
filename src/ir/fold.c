// fold.c: a clause at a site.
//
// Instrumentation knows much that a tracer in a kernel learns at every hit:
// the probe's four names and id, which register holds an argument, often a
// predicate's outcome. Folding rebuilds a clause's tree with all of that put
// in and evaluated:
//
//   * What is the same at every site (`1 + 2`) becomes a constant.
//   * What is known at this site but differs from the next (probefunc, id)
//     is a constant marked `of_site`. It takes part in evaluation; where it
//     survives into the result it becomes a hole, so that sites share code.
//   * Arguments become registers or words of the stack.
//   * An aggregation whose keys are all known gets cells of its own: no
//     hashing at run time.
//
// Equal results are one "shape", compiled once. Equality is decided by
// writing the folded tree out as bytes, which also drops what does not
// matter, such as spans.

#include "ir/fold.h"

#include <assert.h>
#include <string.h>

#include "mctrace/records.h"

// arg1 to arg5.
#define MCT_ERROR_ARGS 5

struct fold {
    struct folder *folder;
    struct arena *arena;
    const struct site *site;
    const struct ir_clause *clause;
    const struct arch *arch;
    uint8_t *hole_kinds;
    uint64_t *holes;
    size_t hole_count, kind_room, hole_room;
    size_t kind_count;
};

static bool is_known(const struct ir_expr *expr) {
    return expr->op == IR_CONST || expr->op == IR_TEXT;
}

static struct ir_expr *known_int(struct fold *fold, const struct ir_expr *like,
                                 uint64_t value, bool of_site) {
    struct ir_expr *expr = ir_const(fold->arena, like->type, value, like->span);
    expr->of_site = of_site;
    return expr;
}

static struct ir_expr *known_text(struct fold *fold, const struct ir_expr *like,
                                  struct str text) {
    struct ir_expr *expr =
        ir_expr_new(fold->arena, IR_TEXT, like->type, like->span);
    expr->text = text;
    expr->of_site = true;
    return expr;
}

static uint32_t add_hole(struct fold *fold, enum ir_hole_kind kind,
                         uint64_t value) {
    *ARENA_PUSH(fold->arena, fold->hole_kinds, fold->kind_count,
                fold->kind_room) = (uint8_t)kind;
    *ARENA_PUSH(fold->arena, fold->holes, fold->hole_count, fold->hole_room) =
        value;
    return (uint32_t)fold->hole_count - 1;
}

// What survives folding and is of this site alone is fetched from a hole.
static struct ir_expr *settle(struct fold *fold, struct ir_expr *expr) {
    if (!is_known(expr) || !expr->of_site)
        return expr;
    uint64_t value = expr->op == IR_TEXT
                         ? layout_text(fold->folder->layout, expr->text)
                         : expr->value;
    struct ir_expr *hole =
        ir_expr_new(fold->arena, IR_HOLE, expr->type, expr->span);
    hole->value = add_hole(fold, HOLE_VALUE, value);
    return hole;
}

// --- what the site knows ---

static struct ir_expr *machine_reg(struct fold *fold,
                                   const struct ir_expr *like, uint8_t reg) {
    if (reg == REG_NONE)
        return known_int(fold, like, 0, false);
    struct ir_expr *expr =
        ir_expr_new(fold->arena, IR_REG, IR_TYPE_U64, like->span);
    expr->value = reg;
    return ir_cast(fold->arena, expr, like->type);
}

static struct ir_expr *memory_word(struct fold *fold,
                                   const struct ir_expr *like, uint8_t base,
                                   int64_t off) {
    struct ir_expr *expr =
        ir_expr_new(fold->arena, IR_WORD, IR_TYPE_U64, like->span);
    expr->reg = base;
    expr->value = (uint64_t)off;
    return ir_cast(fold->arena, expr, like->type);
}

static struct ir_expr *register_arg(struct fold *fold,
                                    const struct ir_expr *expr,
                                    const uint8_t *regs, size_t count) {
    uint8_t reg = expr->value < count ? regs[expr->value] : REG_NONE;
    return machine_reg(fold, expr, reg);
}

// Arguments by the ABI: in registers, then on the stack.
static struct ir_expr *entry_arg(struct fold *fold,
                                 const struct ir_expr *expr) {
    const struct abi *abi = &fold->arch->abi;
    size_t in_regs = 0;
    while (in_regs < COUNT_OF(abi->args) && abi->args[in_regs] != REG_NONE)
        in_regs++;
    if (expr->value < in_regs)
        return machine_reg(fold, expr, abi->args[expr->value]);
    int64_t nth = (int64_t)(expr->value - in_regs);
    return memory_word(fold, expr, abi->sp,
                       abi->first_stack_arg + nth * abi->stack_arg_step);
}

// What whoever fires the probe leaves for it; arg0 is 0.
static struct ir_expr *told_arg(struct fold *fold, const struct ir_expr *expr,
                                uint64_t last) {
    if (expr->value == 0 || expr->value > last)
        return known_int(fold, expr, 0, false);
    struct ir_expr *arg =
        ir_expr_new(fold->arena, IR_TOLD_ARG, expr->type, expr->span);
    arg->value = expr->value;
    return arg;
}

static struct ir_expr *fold_expr(struct fold *fold, struct ir_expr *expr);

static struct ir_expr *fold_arg(struct fold *fold, const struct ir_expr *expr) {
    const struct abi *abi = &fold->arch->abi;
    if (fold->site->event)
        return fold_expr(fold,
                         event_arg(fold->arena, fold->site, fold->arch, expr));
    switch ((enum site_kind)fold->site->kind) {
    case SITE_ENTRY: return entry_arg(fold, expr);
    case SITE_OFFSET:
        return register_arg(fold, expr, abi->args, COUNT_OF(abi->args));
    case SITE_RETURN:
        if (expr->value == 0)
            return known_int(fold, expr, fold->site->offset, true);
        return machine_reg(fold, expr,
                           expr->value == 1 ? abi->result : REG_NONE);
    case SITE_SYSCALL_ENTRY:
        return register_arg(fold, expr, abi->syscall_args,
                            COUNT_OF(abi->syscall_args));
    case SITE_SYSCALL_RETURN:
        return machine_reg(fold, expr,
                           expr->value < 2 ? abi->syscall_result : REG_NONE);
    case SITE_ERROR: return told_arg(fold, expr, MCT_ERROR_ARGS);
    case SITE_TICK:
    case SITE_PROFILE: return told_arg(fold, expr, 1);
    case SITE_USDT:
        return fold_expr(fold, marker_arg(fold->arena, fold->site, expr));
    case SITE_BEGIN:
    case SITE_END:
    case SITE_EXECUTED: break;
    }
    return known_int(fold, expr, 0, false);
}

static struct ir_expr *fold_caller(struct fold *fold,
                                   const struct ir_expr *expr) {
    const struct site *site = fold->site;
    if (!site->program)
        return known_int(fold, expr, 0, false);
    struct frame_state frame = image_frame_at(site->program->image, site->va);
    const struct abi *abi = &fold->arch->abi;
    if (site->kind == SITE_ENTRY && abi->link != REG_NONE)
        return machine_reg(fold, expr, abi->link);
    // A function without unwind information: only its entry is certain.
    if (!frame.known && site->kind == SITE_ENTRY)
        return memory_word(fold, expr, abi->sp, abi->return_off);
    if (!frame.known)
        return known_int(fold, expr, 0, false);
    return memory_word(fold, expr, frame.base,
                       (int64_t)frame.off + frame.return_off);
}

static struct ir_expr *fold_ureg(struct fold *fold,
                                 const struct ir_expr *expr) {
    const struct ureg *row = &fold->arch->uregs[expr->value];
    if (!fold->site->program || row->reg == REG_NONE)
        return known_int(fold, expr, fold->site->program ? row->value : 0,
                         true);
    return machine_reg(fold, expr, row->reg);
}

// The address that a stack begins with: a system call's is behind it, as the
// kernel has it.
static uint64_t stack_va(const struct site *site) {
    bool is_call =
        site->kind == SITE_SYSCALL_ENTRY || site->kind == SITE_SYSCALL_RETURN;
    struct insn insn;
    if (is_call && program_decode(site->program, site->va, &insn))
        return site->va + insn.len;
    return site->va;
}

// Where the return address lies from the stack pointer on; all ones: it cannot
// be told.
static uint64_t return_off(const struct fold *fold) {
    const struct site *site = fold->site;
    const struct abi *abi = &fold->arch->abi;
    if (!site->program)
        return UINT64_MAX;
    if (site->kind == SITE_ENTRY ||
        (site->kind == SITE_RETURN && site->exit == EXIT_RETURN))
        return (uint64_t)abi->return_off;
    struct frame_state frame = image_frame_at(site->program->image, site->va);
    if (!frame.known || frame.base != abi->sp)
        return UINT64_MAX;
    return (uint64_t)((int64_t)frame.off + frame.return_off);
}

static struct ir_expr *fold_stack(struct fold *fold, struct ir_expr *expr) {
    const struct site *site = fold->site;
    const struct abi *abi = &fold->arch->abi;
    const struct ir_expr like = {.type = IR_TYPE_U64, .span = expr->span};
    regset kept = abi->general & ~abi->caller_saved & ~REG_BIT(abi->sp);
    struct ir_expr **args = ARENA_ARRAY(fold->arena, struct ir_expr *, 67);
    uint32_t count = 0;
    args[count++] = settle(
        fold, known_int(fold, &like, site->program ? stack_va(site) : 0, true));
    args[count++] = machine_reg(fold, &like, abi->sp);
    for (uint8_t reg = 0; kept >> reg != 0; reg++)
        if (kept >> reg & 1)
            args[count++] = machine_reg(fold, &like, reg);
    args[count++] = ir_const(fold->arena, IR_TYPE_U64, expr->value, expr->span);
    args[count++] =
        settle(fold, known_int(fold, &like, return_off(fold), true));
    expr->args = args;
    expr->arg_count = count;
    return expr;
}

// Built-ins that look at the stack.
static struct ir_expr *fold_stack_call(struct fold *fold,
                                       struct ir_expr *expr) {
    struct ir_expr *stack =
        ir_expr_new(fold->arena, IR_STACK, IR_TYPE_U64, expr->span);
    expr->args = ARENA_NEW(fold->arena, struct ir_expr *);
    expr->args[0] = fold_stack(fold, stack);
    expr->arg_count = 1;
    return expr;
}

static struct ir_expr *binary(struct fold *fold, enum ir_op op,
                              struct ir_type type, struct ir_expr *a,
                              struct ir_expr *b) {
    struct ir_expr *expr = ir_expr_new(fold->arena, op, type, a->span);
    expr->a = a;
    expr->b = b;
    return expr;
}

// Linux gives -4095 .. -1 for failure: errno is the negated result then.
static struct ir_expr *fold_errno(struct fold *fold,
                                  const struct ir_expr *expr) {
    if (fold->site->kind != SITE_SYSCALL_RETURN)
        return known_int(fold, expr, 0, false);
    struct ir_expr like = {.type = IR_TYPE_I64, .span = expr->span};
    struct ir_expr *result =
        machine_reg(fold, &like, fold->arch->abi.syscall_result);
    struct ir_expr *as_unsigned = ir_cast(fold->arena, result, IR_TYPE_U64);
    struct ir_expr *limit =
        ir_const(fold->arena, IR_TYPE_U64, (uint64_t)-4096, expr->span);
    struct ir_expr *negated =
        ir_expr_new(fold->arena, IR_NEGATE, IR_TYPE_I64, expr->span);
    negated->a = result;
    struct ir_expr *choice =
        ir_expr_new(fold->arena, IR_COND, expr->type, expr->span);
    choice->a = binary(fold, IR_GT, IR_TYPE_INT, as_unsigned, limit);
    choice->b = ir_cast(fold->arena, negated, expr->type);
    choice->c = known_int(fold, expr, 0, false);
    return choice;
}

// --- expressions ---

static struct ir_expr *fold_compare_texts(struct fold *fold,
                                          struct ir_expr *expr) {
    int order = str_compare(expr->a->text, expr->b->text);
    uint64_t result = 0;
    eval_binary(expr->op, IR_TYPE_I64, (uint64_t)(int64_t)order, 0, &result);
    return known_int(fold, expr, result, expr->a->of_site || expr->b->of_site);
}

static struct ir_expr *fold_binary(struct fold *fold, struct ir_expr *expr) {
    bool of_site = expr->a->of_site || expr->b->of_site;
    uint64_t result;
    if (expr->a->op == IR_TEXT && expr->b->op == IR_TEXT)
        return fold_compare_texts(fold, expr);
    if (expr->a->op == IR_CONST && expr->b->op == IR_CONST &&
        eval_binary(expr->op, expr->a->type, expr->a->value, expr->b->value,
                    &result))
        return known_int(fold, expr, result, of_site);
    expr->a = settle(fold, expr->a);
    expr->b = settle(fold, expr->b);
    return expr;
}

static struct ir_expr *fold_unary(struct fold *fold, struct ir_expr *expr) {
    uint64_t result;
    if (expr->a->op == IR_CONST && expr->op == IR_CAST &&
        expr->type.kind == IR_INT)
        return known_int(fold, expr, expr->a->value, expr->a->of_site);
    if (expr->a->op == IR_CONST &&
        eval_unary(expr->op, expr->type, expr->a->value, &result))
        return known_int(fold, expr, result, expr->a->of_site);
    expr->a = settle(fold, expr->a);
    return expr;
}

static struct ir_expr *fold_logic(struct fold *fold, struct ir_expr *expr) {
    expr->a = fold_expr(fold, expr->a);
    bool decides = expr->a->op == IR_CONST && expr->op != IR_LXOR &&
                   (expr->a->value != 0) == (expr->op == IR_LOR);
    if (decides)
        return known_int(fold, expr, expr->op == IR_LOR, expr->a->of_site);
    expr->b = fold_expr(fold, expr->b);
    bool of_site = expr->a->of_site || expr->b->of_site;
    if (expr->a->op == IR_CONST && expr->b->op == IR_CONST) {
        bool a = expr->a->value != 0, b = expr->b->value != 0;
        bool result = expr->op == IR_LXOR ? a != b : b;
        return known_int(fold, expr, result, of_site);
    }
    if (expr->a->op == IR_CONST && expr->op != IR_LXOR) {
        struct ir_expr *zero =
            ir_const(fold->arena, expr->b->type, 0, expr->span);
        return binary(fold, IR_NE, IR_TYPE_INT, expr->b, zero);
    }
    expr->a = settle(fold, expr->a);
    expr->b = settle(fold, expr->b);
    return expr;
}

static struct ir_expr *fold_cond(struct fold *fold, struct ir_expr *expr) {
    expr->a = fold_expr(fold, expr->a);
    if (expr->a->op == IR_CONST) {
        struct ir_expr *chosen =
            fold_expr(fold, expr->a->value ? expr->b : expr->c);
        // Another site may choose otherwise.
        if (is_known(chosen))
            chosen->of_site |= expr->a->of_site;
        return chosen;
    }
    expr->b = settle(fold, fold_expr(fold, expr->b));
    expr->c = settle(fold, fold_expr(fold, expr->c));
    return expr;
}

// What an operation has besides its operands: arguments, or a variable's keys.
static struct ir_expr *fold_args(struct fold *fold, struct ir_expr *expr) {
    if (!expr->arg_count)
        return expr;
    struct ir_expr **args =
        ARENA_ARRAY(fold->arena, struct ir_expr *, expr->arg_count);
    for (uint32_t i = 0; i < expr->arg_count; i++)
        args[i] = settle(fold, fold_expr(fold, expr->args[i]));
    expr->args = args;
    return expr;
}

// In DTrace BEGIN and END are the tracer's.
static struct ir_expr *fold_builtin(struct fold *fold, struct ir_expr *expr) {
    const struct ir_tracer *tracer = fold->folder->tracer;
    uint8_t kind = fold->site->kind;
    struct str name = str_from(expr->callee->name);
    if (expr->callee->source == BUILTIN_STACK)
        return fold_stack_call(fold, expr);
    if (tracer && (kind == SITE_BEGIN || kind == SITE_END)) {
        if (str_equal(name, STR("pid")) || str_equal(name, STR("tid")))
            return known_int(fold, expr, (uint64_t)tracer->pid, false);
        if (str_equal(name, STR("ppid")))
            return known_int(fold, expr, (uint64_t)tracer->ppid, false);
        if (str_equal(name, STR("execname")))
            return known_text(fold, expr, tracer->execname);
    }
    return fold_args(fold, expr);
}

// A clause at a probe is an enabling; each has a number, from 1.
static uint64_t number_epid(struct fold *fold) {
    uint64_t key[2] = {fold->clause->index, fold->site->id};
    struct str text = {(const char *)key, sizeof key};
    struct folder *folder = fold->folder;
    uintptr_t number = (uintptr_t)map_get(&folder->epids, text);
    if (number == 0) {
        number = ++folder->epid_count;
        map_put(&folder->epids, str_copy(folder->arena, text), (void *)number);
    }
    return number;
}

// An address of the program: near in its own code; elsewhere in its process it
// is asked where the program lies; in another process it leads nowhere.
static struct ir_expr *fold_program(struct fold *fold, struct ir_expr *expr) {
    const struct folder *folder = fold->folder;
    const struct program *at = fold->site->program;
    struct ir_expr *linked = known_int(fold, expr, expr->value, false);
    struct ir_expr *bias =
        ir_expr_new(fold->arena, IR_IMAGE, IR_TYPE_U64, expr->span);
    bool is_own = at && at->image == folder->program;
    if (!is_own && (at ? at->is_given : folder->tracer != NULL))
        return known_int(fold, expr, 0, false);
    if (!is_own) {
        bias->op = IR_CALL;
        bias->callee = builtin_find(STR("__bias"));
    }
    return binary(fold, IR_ADD, IR_TYPE_U64, bias, linked);
}

static struct ir_expr *fold_leaf(struct fold *fold, struct ir_expr *expr) {
    const struct site *site = fold->site;
    switch (expr->op) {
    case IR_CALL: return fold_builtin(fold, expr);
    case IR_ARG: return fold_arg(fold, expr);
    case IR_CALLER: return fold_caller(fold, expr);
    case IR_UREG: return fold_ureg(fold, expr);
    case IR_STACK: return fold_stack(fold, expr);
    case IR_PROGRAM: return fold_program(fold, expr);
    case IR_ERRNO: return fold_errno(fold, expr);
    case IR_SITE_ID: return known_int(fold, expr, site->id, true);
    case IR_EPID: return known_int(fold, expr, number_epid(fold), true);
    case IR_SITE_PROV: return known_text(fold, expr, site->provider);
    case IR_SITE_MOD: return known_text(fold, expr, site->module);
    case IR_SITE_FUNC: return known_text(fold, expr, site->probefunc);
    case IR_SITE_NAME: return known_text(fold, expr, site->name);
    default: return fold_args(fold, expr);
    }
}

// Operations on memory: nothing of them is known beforehand.
static bool is_memory(const struct ir_expr *expr) {
    return expr->op == IR_ASSIGN || expr->op == IR_LOAD ||
           expr->op == IR_STORE || expr->op == IR_COPY ||
           expr->op == IR_TEXT_AT || expr->op == IR_PRESENT;
}

static struct ir_expr *fold_memory(struct fold *fold, struct ir_expr *expr) {
    fold_args(fold, expr);
    expr->a = settle(fold, fold_expr(fold, expr->a));
    if (expr->b)
        expr->b = settle(fold, fold_expr(fold, expr->b));
    bool is_there =
        expr->a && (expr->a->op == IR_TEXT || expr->a->op == IR_HOLE);
    return expr->op == IR_PRESENT && is_there ? expr->a : expr;
}

// The result is new where it differs; the clause's own tree stays as it is.
static struct ir_expr *fold_expr(struct fold *fold, struct ir_expr *original) {
    struct ir_expr *expr = ARENA_NEW(fold->arena, struct ir_expr);
    *expr = *original;
    if (expr->op == IR_COND)
        return fold_cond(fold, expr);
    if (expr->op == IR_LAND || expr->op == IR_LOR || expr->op == IR_LXOR)
        return fold_logic(fold, expr);
    if (is_memory(expr))
        return fold_memory(fold, expr);
    if (!expr->a)
        return fold_leaf(fold, expr);
    expr->a = fold_expr(fold, expr->a);
    if (!expr->b)
        return fold_unary(fold, expr);
    expr->b = fold_expr(fold, expr->b);
    if (expr->op == IR_COMMA && is_known(expr->a))
        return expr->b;
    if (expr->op == IR_COMMA) {
        expr->b = settle(fold, expr->b);
        return expr;
    }
    return fold_binary(fold, expr);
}

// --- statements ---

// Keys that are all known lead to cells of their own; otherwise a known text
// among them is represented by its offset in the texts.
static void fold_keys(struct fold *fold, struct ir_stmt *stmt) {
    struct ir_aggregation *aggregation = stmt->aggregation;
    uint32_t count = aggregation->key_count;
    struct layout *layout = fold->folder->layout;
    struct ir_expr **keys =
        ARENA_ARRAY(fold->arena, struct ir_expr *, count ? count : 1);
    uint64_t *values = ARENA_ARRAY(fold->arena, uint64_t, count ? count : 1);
    bool all_known = true;
    for (uint32_t i = 0; i < count; i++) {
        keys[i] = fold_expr(fold, stmt->keys[i]);
        all_known = all_known && is_known(keys[i]);
        values[i] = keys[i]->op == IR_TEXT ? layout_text(layout, keys[i]->text)
                                           : keys[i]->value;
    }
    stmt->keys = NULL;
    if (all_known) {
        stmt->is_slot = true;
        stmt->slot_hole =
            add_hole(fold, HOLE_SLOT, layout_slot(layout, aggregation, values));
        return;
    }
    aggregation->has_table = true;
    for (uint32_t i = 0; i < count; i++) {
        struct ir_key_form *form = &aggregation->key_forms[i];
        if (!is_known(keys[i]) && form->kind == IR_KEY_TEXT)
            form->kind = IR_KEY_STRING;
        keys[i] = settle(fold, keys[i]);
    }
    stmt->keys = keys;
}

static struct ir_stmt *fold_body(struct fold *fold,
                                 const struct ir_stmt *original);

static bool is_without_effect(const struct ir_expr *expr) {
    return is_known(expr) || expr->op == IR_REG || expr->op == IR_WORD ||
           expr->op == IR_HOLE || expr->op == IR_VARIABLE;
}

// Which segment records at which site, as a number for the record.
static uint64_t number_enabling(struct fold *fold,
                                const struct ir_segment *segment) {
    struct folder *folder = fold->folder;
    uint64_t key[2] = {segment->index, (uint64_t)(uintptr_t)fold->site};
    struct str text = {(const char *)key, sizeof key};
    uintptr_t known = (uintptr_t)map_get(&folder->enabling_numbers, text);
    if (known)
        return known;
    uint64_t number = MCT_ENABLING_FIRST + folder->enabling_count;
    *ARENA_PUSH(folder->arena, folder->enablings, folder->enabling_count,
                folder->enabling_room) =
        (struct ir_enabling){segment, fold->site};
    map_put(&folder->enabling_numbers, str_copy(folder->arena, text),
            (void *)(uintptr_t)number);
    return number;
}

// Returns what is left of a statement: itself, the branch taken, or nothing.
static struct ir_stmt *fold_stmt(struct fold *fold, struct ir_stmt *stmt) {
    if (stmt->a)
        stmt->a = fold_expr(fold, stmt->a);
    assert(stmt->a || (stmt->op != IR_DO && stmt->op != IR_IF));
    if (stmt->op == IR_DO && is_without_effect(stmt->a))
        return NULL;
    if (stmt->op == IR_IF && stmt->a->op == IR_CONST)
        return fold_body(fold, stmt->a->value ? stmt->then_ : stmt->else_);
    if (stmt->op == IR_IF || stmt->op == IR_SEGMENT) {
        stmt->then_ = fold_body(fold, stmt->then_);
        stmt->else_ = fold_body(fold, stmt->else_);
    }
    if (stmt->op == IR_SEGMENT)
        stmt->enabling_hole =
            add_hole(fold, HOLE_VALUE, number_enabling(fold, stmt->segment));
    if (stmt->a)
        stmt->a = settle(fold, stmt->a);
    if (stmt->op == IR_AGG)
        fold_keys(fold, stmt);
    struct ir_expr **args = ARENA_ARRAY(fold->arena, struct ir_expr *,
                                        stmt->arg_count ? stmt->arg_count : 1);
    for (uint32_t i = 0; i < stmt->arg_count; i++)
        args[i] = settle(fold, fold_expr(fold, stmt->args[i]));
    stmt->args = args;
    return stmt;
}

static struct ir_stmt *fold_body(struct fold *fold,
                                 const struct ir_stmt *original) {
    struct ir_stmt *first = NULL, **end = &first;
    for (; original; original = original->next) {
        struct ir_stmt *stmt = ARENA_NEW(fold->arena, struct ir_stmt);
        *stmt = *original;
        stmt->next = NULL;
        *end = fold_stmt(fold, stmt);
        while (*end)
            end = &(*end)->next;
    }
    return first;
}

// --- shapes ---

void folder_init(struct folder *folder, struct arena *arena,
                 struct layout *layout) {
    *folder = (struct folder){.arena = arena, .layout = layout};
    map_init(&folder->shapes, arena);
    map_init(&folder->enabling_numbers, arena);
    map_init(&folder->epids, arena);
    bytes_init(&folder->form, arena, ORDER_LITTLE);
}

static uint32_t find_shape(struct fold *fold, struct ir_clause *clause) {
    struct folder *folder = fold->folder;
    folder->form.n = 0;
    shape_write(&folder->form, clause);
    struct str key = {(const char *)folder->form.p, folder->form.n};
    uintptr_t known = (uintptr_t)map_get(&folder->shapes, key);
    if (known)
        return (uint32_t)known - 1;
    *ARENA_PUSH(folder->arena, folder->shape_list, folder->shape_count,
                folder->shape_room) = clause;
    map_put(&folder->shapes, str_copy(folder->arena, key),
            (void *)(uintptr_t)folder->shape_count);
    return (uint32_t)folder->shape_count - 1;
}

// In DTrace a probe of a function, or of a program's own, belongs to a process.
static bool is_of_process(const struct fold *fold,
                          const struct ir_clause *clause) {
    uint8_t kind = fold->site->kind;
    return fold->folder->tracer && clause->body->op != IR_INTERNAL &&
           (kind == SITE_ENTRY || kind == SITE_RETURN || kind == SITE_OFFSET ||
            kind == SITE_USDT);
}

// An event asks first whether it has happened.
static struct ir_expr *find_predicate(struct fold *fold,
                                      const struct ir_clause *clause) {
    const struct site *site = fold->site;
    struct ir_expr *happened =
        site->event
            ? event_condition(fold->arena, site, fold->arch, clause->span)
            : NULL;
    if (!happened || !clause->predicate)
        return happened ? happened : clause->predicate;
    return binary(fold, IR_LAND, IR_TYPE_INT, happened, clause->predicate);
}

// The clause at the site; NULL: nothing is left of it.
static struct ir_clause *fold_at(struct fold *fold,
                                 const struct ir_clause *clause) {
    struct ir_clause *folded = ARENA_NEW(fold->arena, struct ir_clause);
    fold->clause = clause;
    *folded = *clause;
    struct ir_expr *wanted = find_predicate(fold, clause);
    if (wanted) {
        struct ir_expr *predicate = fold_expr(fold, wanted);
        if (predicate->op == IR_CONST && !predicate->value)
            return NULL;
        folded->predicate =
            predicate->op == IR_CONST ? NULL : settle(fold, predicate);
    }
    folded->body = fold_body(fold, clause->body);
    if (!folded->body &&
        (!folded->predicate || is_without_effect(folded->predicate)))
        return NULL;
    folded->checks_process = clause->body && is_of_process(fold, clause);
    return folded;
}

static struct fold begin_fold(struct folder *folder, const struct site *site) {
    return (struct fold){.folder = folder,
                         .arena = folder->arena,
                         .site = site,
                         .arch = folder->layout->arch};
}

bool fold_wants_firing(struct folder *folder, const struct ir_clause *clause,
                       const struct site *site) {
    struct fold fold = begin_fold(folder, site);
    struct ir_clause *folded = fold_at(&fold, clause);
    return folded && ir_wants_firing(folded);
}

struct ir_instance fold_clause(struct folder *folder,
                               const struct ir_clause *clause,
                               const struct site *site, bool opens,
                               bool closes) {
    struct fold fold = begin_fold(folder, site);
    struct ir_clause *folded = fold_at(&fold, clause);
    if (!folded)
        return (struct ir_instance){0};
    folded->opens = opens;
    folded->closes = closes;
    // A fault tells where it was.
    if (ir_may_fail(folded)) {
        folded->id_hole = add_hole(&fold, HOLE_VALUE, site->id);
        *ARENA_PUSH(folder->arena, folder->failing, folder->failing_count,
                    folder->failing_room) = site;
    }
    folded->hole_kinds = fold.hole_kinds;
    folded->hole_count = (uint32_t)fold.hole_count;
    uint32_t index = find_shape(&fold, folded);
    return (struct ir_instance){folder->shape_list[index], fold.holes, index};
}
