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

#include "ir/fold_inside.h"

#include <assert.h>
#include <string.h>

#include "mctrace/records.h"

// --- expressions ---

static struct ir_expr *fold_compare_texts(struct fold *fold,
                                          struct ir_expr *expr) {
    int order = str_compare(expr->a->text, expr->b->text);
    uint64_t result = 0;
    eval_binary(expr->op, IR_TYPE_I64, (uint64_t)(int64_t)order, 0, &result);
    return fold_known_int(fold, expr, result,
                          expr->a->of_site || expr->b->of_site);
}

static struct ir_expr *fold_binary(struct fold *fold, struct ir_expr *expr) {
    bool of_site = expr->a->of_site || expr->b->of_site;
    uint64_t result;
    if (expr->a->op == IR_TEXT && expr->b->op == IR_TEXT)
        return fold_compare_texts(fold, expr);
    if (expr->a->op == IR_CONST && expr->b->op == IR_CONST &&
        eval_binary(expr->op, expr->a->type, expr->a->value, expr->b->value,
                    &result))
        return fold_known_int(fold, expr, result, of_site);
    expr->a = fold_settle(fold, expr->a);
    expr->b = fold_settle(fold, expr->b);
    return expr;
}

static struct ir_expr *fold_unary(struct fold *fold, struct ir_expr *expr) {
    uint64_t result;
    if (expr->a->op == IR_CONST && expr->op == IR_CAST &&
        expr->type.kind == IR_INT)
        return fold_known_int(fold, expr, expr->a->value, expr->a->of_site);
    if (expr->a->op == IR_CONST &&
        eval_unary(expr->op, expr->type, expr->a->value, &result))
        return fold_known_int(fold, expr, result, expr->a->of_site);
    expr->a = fold_settle(fold, expr->a);
    return expr;
}

static struct ir_expr *fold_logic(struct fold *fold, struct ir_expr *expr) {
    expr->a = fold_expr(fold, expr->a);
    bool decides = expr->a->op == IR_CONST && expr->op != IR_LXOR &&
                   (expr->a->value != 0) == (expr->op == IR_LOR);
    if (decides)
        return fold_known_int(fold, expr, expr->op == IR_LOR, expr->a->of_site);
    expr->b = fold_expr(fold, expr->b);
    bool of_site = expr->a->of_site || expr->b->of_site;
    if (expr->a->op == IR_CONST && expr->b->op == IR_CONST) {
        bool a = expr->a->value != 0, b = expr->b->value != 0;
        bool result = expr->op == IR_LXOR ? a != b : b;
        return fold_known_int(fold, expr, result, of_site);
    }
    if (expr->a->op == IR_CONST && expr->op != IR_LXOR) {
        struct ir_expr *zero =
            ir_const(fold->arena, expr->b->type, 0, expr->span);
        return ir_binary(fold->arena, IR_NE, IR_TYPE_INT, expr->b, zero);
    }
    expr->a = fold_settle(fold, expr->a);
    expr->b = fold_settle(fold, expr->b);
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
    expr->b = fold_settle(fold, fold_expr(fold, expr->b));
    expr->c = fold_settle(fold, fold_expr(fold, expr->c));
    return expr;
}

// What an operation has besides its operands: arguments, or a variable's keys.
static struct ir_expr *fold_args(struct fold *fold, struct ir_expr *expr) {
    if (!expr->arg_count)
        return expr;
    struct ir_expr **args =
        ARENA_ARRAY(fold->arena, struct ir_expr *, expr->arg_count);
    for (uint32_t i = 0; i < expr->arg_count; i++)
        args[i] = fold_settle(fold, fold_expr(fold, expr->args[i]));
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
            return fold_known_int(fold, expr, (uint64_t)tracer->pid, false);
        if (str_equal(name, STR("ppid")))
            return fold_known_int(fold, expr, (uint64_t)tracer->ppid, false);
        if (str_equal(name, STR("execname")))
            return fold_known_text(fold, expr, tracer->execname);
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
    struct ir_expr *linked = fold_known_int(fold, expr, expr->value, false);
    struct ir_expr *bias =
        ir_expr_new(fold->arena, IR_IMAGE, IR_TYPE_U64, expr->span);
    bool is_own = at && at->image == folder->program;
    if (!is_own && (at ? at->is_given : folder->tracer != NULL))
        return fold_known_int(fold, expr, 0, false);
    if (!is_own) {
        bias->op = IR_CALL;
        bias->callee = builtin_find(STR("__bias"));
    }
    return ir_binary(fold->arena, IR_ADD, IR_TYPE_U64, bias, linked);
}

static struct ir_expr *fold_leaf(struct fold *fold, struct ir_expr *expr) {
    const struct site *site = fold->site;
    switch (expr->op) {
    case IR_CALL: return fold_builtin(fold, expr);
    case IR_ARG: return fold_arg(fold, expr);
    case IR_CALLER: return fold_caller(fold, expr);
    case IR_FRAME: return fold_frame(fold, expr);
    case IR_UREG: return fold_ureg(fold, expr);
    case IR_STACK: return fold_stack(fold, expr);
    case IR_PROGRAM: return fold_program(fold, expr);
    case IR_ERRNO: return fold_errno(fold, expr);
    case IR_SITE_ID: return fold_known_int(fold, expr, site->id, true);
    case IR_EPID: return fold_known_int(fold, expr, number_epid(fold), true);
    case IR_SITE_PROV: return fold_known_text(fold, expr, site->provider);
    case IR_SITE_MOD: return fold_known_text(fold, expr, site->module);
    case IR_SITE_FUNC: return fold_known_text(fold, expr, site->probefunc);
    case IR_SITE_NAME: return fold_known_text(fold, expr, site->name);
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
    expr->a = fold_settle(fold, fold_expr(fold, expr->a));
    if (expr->b)
        expr->b = fold_settle(fold, fold_expr(fold, expr->b));
    bool is_there =
        expr->a && (expr->a->op == IR_TEXT || expr->a->op == IR_HOLE);
    return expr->op == IR_PRESENT && is_there ? expr->a : expr;
}

// The result is new where it differs; the clause's own tree stays as it is.
struct ir_expr *fold_expr(struct fold *fold, struct ir_expr *original) {
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
        expr->b = fold_settle(fold, expr->b);
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
        stmt->slot_hole = fold_add_hole(
            fold, HOLE_SLOT, layout_slot(layout, aggregation, values));
        return;
    }
    aggregation->has_table = true;
    for (uint32_t i = 0; i < count; i++) {
        struct ir_key_form *form = &aggregation->key_forms[i];
        if (!is_known(keys[i]) && form->kind == IR_KEY_TEXT)
            form->kind = IR_KEY_STRING;
        keys[i] = fold_settle(fold, keys[i]);
    }
    stmt->keys = keys;
}

static struct ir_stmt *fold_body(struct fold *fold,
                                 const struct ir_stmt *original);

static bool is_without_effect(const struct ir_expr *expr) {
    return is_known(expr) || expr->op == IR_REG || expr->op == IR_WORD ||
           expr->op == IR_FLOAT_REG || expr->op == IR_HOLE ||
           expr->op == IR_VARIABLE;
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
        stmt->enabling_hole = fold_add_hole(
            fold, HOLE_VALUE, number_enabling(fold, stmt->segment));
    if (stmt->a)
        stmt->a = fold_settle(fold, stmt->a);
    if (stmt->op == IR_AGG)
        fold_keys(fold, stmt);
    struct ir_expr **args = ARENA_ARRAY(fold->arena, struct ir_expr *,
                                        stmt->arg_count ? stmt->arg_count : 1);
    for (uint32_t i = 0; i < stmt->arg_count; i++)
        args[i] = fold_settle(fold, fold_expr(fold, stmt->args[i]));
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
    return ir_binary(fold->arena, IR_LAND, IR_TYPE_INT, happened,
                     clause->predicate);
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
            predicate->op == IR_CONST ? NULL : fold_settle(fold, predicate);
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
        folded->id_hole = fold_add_hole(&fold, HOLE_VALUE, site->id);
        *ARENA_PUSH(folder->arena, folder->failing, folder->failing_count,
                    folder->failing_room) = site;
    }
    folded->hole_kinds = fold.hole_kinds;
    folded->hole_count = (uint32_t)fold.hole_count;
    uint32_t index = find_shape(&fold, folded);
    return (struct ir_instance){folder->shape_list[index], fold.holes, index};
}
