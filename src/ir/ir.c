// ir.c: the tables behind the IR, building of nodes, printing, checking.
//
// The tables are the .def files of include/mctrace: a row there is all that a
// new aggregation or built-in variable needs here. The printed form is one
// expression per clause, fully parenthesised, with the type of every node, so
// that tests can compare it and a reader can see each conversion:
//
//     clause 0
//       when (gt.i32 (cast.i32 reg.i64:7) const.i32:5)
//       agg @ slot 0
//
// ir_check() states what later stages may rely on; it asserts, because a tree
// that violates it is a bug of the stage before.

#include "ir/ir.h"

#include <assert.h>
#include <string.h>

#include "mctrace/aggs.h"

#define TYPE_void {IR_VOID, 0, false}
#define TYPE_i8   {IR_INT, 8, true}
#define TYPE_u8   {IR_INT, 8, false}
#define TYPE_u16  {IR_INT, 16, false}
#define TYPE_i32  {IR_INT, 32, true}
#define TYPE_u32  {IR_INT, 32, false}
#define TYPE_i64  {IR_INT, 64, true}
#define TYPE_u64  {IR_INT, 64, false}
#define TYPE_str  {IR_STRING, 0, false}
#define TYPE_ptr  TYPE_u64
#define TYPE_mem  TYPE_u64

#define RESULT_void BUILTIN_PLAIN
#define RESULT_i8   BUILTIN_PLAIN
#define RESULT_u8   BUILTIN_PLAIN
#define RESULT_u16  BUILTIN_PLAIN
#define RESULT_i32  BUILTIN_PLAIN
#define RESULT_u32  BUILTIN_PLAIN
#define RESULT_i64  BUILTIN_PLAIN
#define RESULT_u64  BUILTIN_PLAIN
#define RESULT_str  BUILTIN_PLAIN
#define RESULT_ptr  BUILTIN_POINTER
#define RESULT_mem  BUILTIN_ALLOCA

// By the kind of a function.
#define KIND_CALL(name)        .source = BUILTIN_CALL, .runtime = "mct_" #name
#define KIND_ACTION(name)      .source = BUILTIN_ACTION, .runtime = "mct_" #name
#define KIND_DESTRUCTIVE(name) KIND_CALL(name), .is_destructive = true
#define KIND_LATER(name)                                                       \
    .source = BUILTIN_REFUSED, .reason = "it is not supported yet"

// Of actions, by their shape; what more they ask for is told by
// script/action.c.
#define PROTOTYPE_VALUE   "@"
#define PROTOTYPE_MEMORY  "@, size_t, ..."
#define PROTOTYPE_FORMAT  "string, ..."
#define PROTOTYPE_AGGS    "@, ..."
#define PROTOTYPE_AGG     "..."
#define PROTOTYPE_AGG_INT "..."
#define PROTOTYPE_STACK   "..."
#define PROTOTYPE_ADDRESS "uintptr_t"
#define PROTOTYPE_SPEC    "int"
#define PROTOTYPE_INT     "int"
#define PROTOTYPE_TEXTS   "char *, [char *]"
#define PROTOTYPE_NONE    ""

static const struct builtin builtins[] = {
#define VARIABLE(name_, type_, source_)                                        \
    {.name = #name_,                                                           \
     .type = TYPE_##type_,                                                     \
     .result = RESULT_##type_,                                                 \
     .source = BUILTIN_##source_,                                              \
     .runtime = "mct_" #name_},
#define REFUSED(name_, reason_)                                                \
    {.name = #name_, .source = BUILTIN_REFUSED, .reason = (reason_)},
#define FUNCTION(name_, result_, prototype_, kind)                             \
    {.name = #name_,                                                           \
     .type = TYPE_##result_,                                                   \
     .result = RESULT_##result_,                                               \
     .is_function = true,                                                      \
     .prototype = (prototype_),                                                \
     KIND_##kind(name_)},
#define REFUSED_FUNCTION(name_, result_, prototype_, reason_)                  \
    {.name = #name_,                                                           \
     .type = TYPE_##result_,                                                   \
     .is_function = true,                                                      \
     .prototype = (prototype_),                                                \
     .source = BUILTIN_REFUSED,                                                \
     .reason = (reason_)},
#include "mctrace/builtins.def"
#undef VARIABLE
#undef REFUSED
#undef FUNCTION
#undef REFUSED_FUNCTION
#define ACTION(name_, NAME, shape)                                             \
    {.name = #name_,                                                           \
     .type = TYPE_void,                                                        \
     .is_function = true,                                                      \
     .is_destructive = IR_ACTION_##NAME == IR_ACTION_SYSTEM ||                 \
                       IR_ACTION_##NAME == IR_ACTION_FREOPEN,                  \
     .prototype = PROTOTYPE_##shape,                                           \
     .runtime = "mct_symbol",                                                  \
     .source = BUILTIN_RECORD,                                                 \
     .action = IR_ACTION_##NAME},
#include "mctrace/actions.def"
#undef ACTION
};

static const struct agg_function agg_functions[] = {
#define AGG(name, id, least, most, cells) {#name, id, least, most, cells},
#include "mctrace/aggs.def"
#undef AGG
};

enum op_class { LEAF, UNARY, BINARY, COMPARE, LOGIC };

static const struct {
    const char *spelling;
    uint8_t class;
} ops[] = {
#define OP(name, spelling, class) {spelling, class},
#include "ops.def"
#undef OP
};
_Static_assert(COUNT_OF(ops) == IR_OP_COUNT, "a row for every operation");

const struct builtin *builtin_table(size_t *count) {
    *count = COUNT_OF(builtins);
    return builtins;
}

const struct builtin *builtin_find(struct str name) {
    for (size_t i = 0; i < COUNT_OF(builtins); i++)
        if (str_is(name, builtins[i].name))
            return &builtins[i];
    return NULL;
}

const struct agg_function *agg_function_find(struct str name) {
    for (size_t i = 0; i < COUNT_OF(agg_functions); i++)
        if (str_is(name, agg_functions[i].name))
            return &agg_functions[i];
    return NULL;
}

const struct agg_function *agg_function_by_id(uint32_t id) {
    for (size_t i = 0; i < COUNT_OF(agg_functions); i++)
        if (agg_functions[i].id == id)
            return &agg_functions[i];
    return NULL;
}

uint32_t agg_cell_count(const struct agg_function *function,
                        const int64_t *params) {
    if (function->cells[0] != '*')
        return (uint32_t)strlen(function->cells);
    return mct_agg_buckets(function->id, params);
}

struct ir_expr *ir_expr_new(struct arena *arena, enum ir_op op,
                            struct ir_type type, struct span span) {
    struct ir_expr *expr = ARENA_NEW(arena, struct ir_expr);
    expr->op = (uint8_t)op;
    expr->type = type;
    expr->span = span;
    return expr;
}

struct ir_expr *ir_const(struct arena *arena, struct ir_type type,
                         uint64_t value, struct span span) {
    struct ir_expr *expr = ir_expr_new(arena, IR_CONST, type, span);
    expr->value = ir_wrap(value, type);
    return expr;
}

struct ir_expr *ir_binary(struct arena *arena, enum ir_op op,
                          struct ir_type type, struct ir_expr *a,
                          struct ir_expr *b) {
    struct ir_expr *expr = ir_expr_new(arena, op, type, a->span);
    expr->a = a;
    expr->b = b;
    return expr;
}

struct ir_expr *ir_cast(struct arena *arena, struct ir_expr *a,
                        struct ir_type type) {
    if (ir_type_equal(a->type, type))
        return a;
    struct ir_expr *cast = ir_expr_new(arena, IR_CAST, type, a->span);
    cast->a = a;
    return cast;
}

enum ir_space ir_space_of(const struct ir_expr *address) {
    while (address->op == IR_ADD && address->b->op == IR_CONST)
        address = address->a;
    return address->op == IR_ADDRESS ? IR_SPACE_OURS : IR_SPACE_PROGRAM;
}

bool ir_type_equal(struct ir_type a, struct ir_type b) {
    return a.kind == b.kind && a.bits == b.bits && a.is_signed == b.is_signed;
}

uint64_t ir_wrap(uint64_t value, struct ir_type type) {
    if (type.kind != IR_INT || type.bits == 64)
        return value;
    uint64_t mask = ((uint64_t)1 << type.bits) - 1;
    uint64_t sign = (uint64_t)1 << (type.bits - 1);
    value &= mask;
    return type.is_signed && (value & sign) ? value | ~mask : value;
}

// --- printing ---

static void print_type(FILE *out, struct ir_type type) {
    if (type.kind == IR_INT)
        fprintf(out, ".%c%u", type.is_signed ? 'i' : 'u', type.bits);
    else
        fputs(type.kind == IR_STRING  ? ".str"
              : type.kind == IR_BLOCK ? ".block"
                                      : ".void",
              out);
}

static void print_leaf(FILE *out, const struct ir_expr *expr) {
    switch (expr->op) {
    case IR_CONST:
        fprintf(out, expr->type.is_signed ? ":%lld" : ":%llu",
                (long long)expr->value);
        break;
    case IR_WORD:
        fprintf(out, ":%u%+lld", expr->reg, (long long)expr->value);
        break;
    case IR_ARG:
    case IR_HOLE:
    case IR_UREG:
    case IR_PROGRAM:
    case IR_FLOAT_REG:
    case IR_REG: fprintf(out, ":%llu", (unsigned long long)expr->value); break;
    case IR_TEXT: fprintf(out, ":\"%.*s\"", STR_ARGS(expr->text)); break;
    case IR_VARIABLE:
    case IR_ASSIGN:
    case IR_ADDRESS:
        fprintf(out, ":%.*s", STR_ARGS(expr->variable->name));
        break;
    case IR_COPY:
    case IR_BOUND:
        fprintf(out, ":%llu", (unsigned long long)expr->value);
        break;
    case IR_CALL: fprintf(out, ":%s", expr->callee->name); break;
    default: break;
    }
}

static const char *spelling_of(const struct ir_expr *expr) {
    static const char *const storages[] = {"global", "self", "this"};
    return expr->op == IR_VARIABLE ? storages[expr->variable->storage]
                                   : ops[expr->op].spelling;
}

static void print_expr(FILE *out, const struct ir_expr *expr) {
    const struct ir_expr *operands[] = {expr->a, expr->b, expr->c};
    bool nested = expr->a || expr->arg_count;
    fprintf(out, nested ? "(%s" : "%s", spelling_of(expr));
    print_type(out, expr->type);
    print_leaf(out, expr);
    for (size_t i = 0; i < COUNT_OF(operands) && operands[i]; i++) {
        fputc(' ', out);
        print_expr(out, operands[i]);
    }
    for (uint32_t i = 0; i < expr->arg_count; i++) {
        fputc(' ', out);
        print_expr(out, expr->args[i]);
    }
    if (nested)
        fputc(')', out);
}

static void print_aggregation(FILE *out, const struct ir_stmt *stmt) {
    const struct ir_aggregation *aggregation = stmt->aggregation;
    fprintf(out, "agg %.*s", STR_ARGS(aggregation->name));
    if (stmt->is_slot)
        fprintf(out, " slot %u", stmt->slot_hole);
    for (uint32_t i = 0; stmt->keys && i < aggregation->key_count; i++) {
        fputs(i ? ", " : " [", out);
        print_expr(out, stmt->keys[i]);
        if (i + 1 == aggregation->key_count)
            fputc(']', out);
    }
    fprintf(out, " %s", aggregation->function->name);
    for (uint32_t i = 0; i < stmt->arg_count; i++) {
        fputc(' ', out);
        print_expr(out, stmt->args[i]);
    }
    fputc('\n', out);
}

static void print_known(FILE *out, const struct ir_field *field) {
    static const char *const names[] = {"literal", "probeprov", "probemod",
                                        "probefunc", "probename"};
    fprintf(out, " %s", names[field->known]);
    if (field->known == IR_KNOWN_LITERAL)
        fprintf(out, ":\"%.*s\"", STR_ARGS(field->text));
}

static void print_field(FILE *out, const struct ir_field *field) {
    switch ((enum ir_field_kind)field->kind) {
    case IR_FIELD_INT:
        fprintf(out, " @%u", field->off);
        print_type(out, field->type);
        break;
    case IR_FIELD_BLOCK:
        fprintf(out, " @%u.block%u", field->off, field->size);
        break;
    case IR_FIELD_TEXT: fprintf(out, " text%u", field->size); break;
    case IR_FIELD_STACK: fprintf(out, " stack%u", field->size); break;
    case IR_FIELD_KNOWN: print_known(out, field); break;
    }
}

static void print_format(FILE *out, struct str format) {
    fputs(" \"", out);
    for (size_t i = 0; i < format.n; i++)
        if (format.p[i] == '\n')
            fputs("\\n", out);
        else
            fputc(format.p[i], out);
    fputc('"', out);
}

// printf "%s" text256 call.str:execname
static void print_action(FILE *out, const struct ir_stmt *stmt) {
    static const char *const names[] = {
#define ACTION(name, NAME, shape) #name,
#include "mctrace/actions.def"
#undef ACTION
    };
    const struct ir_action *action = stmt->action;
    fputs(names[action->kind], out);
    if (action->format.p)
        print_format(out, action->format);
    for (uint32_t i = 0; i < action->aggregation_count; i++)
        fprintf(out, " %.*s", STR_ARGS(action->aggregations[i]->name));
    for (uint32_t i = 0; i < action->field_count; i++) {
        print_field(out, &action->fields[i]);
        if (i >= stmt->arg_count)
            continue;
        fputc(' ', out);
        print_expr(out, stmt->args[i]);
    }
}

// segment 2 24..280: the length of its fixed fields, and at most
static void print_segment(FILE *out, const struct ir_segment *segment) {
    fprintf(out, "%u %u..%u", segment->index, segment->fixed_len,
            segment->most_len);
    fputs(segment->is_default ? " default" : "", out);
    fputs(segment->is_speculative ? " speculative" : "", out);
}

static void print_body(FILE *out, const struct ir_stmt *stmt, int indent) {
    static const char *const words[] = {"do",   "if",  "agg",     "exit",
                                        "send", "run", "segment", "action"};
    for (; stmt; stmt = stmt->next) {
        fprintf(out, "%*s", indent, "");
        if (stmt->op == IR_AGG) {
            print_aggregation(out, stmt);
            continue;
        }
        fprintf(out, "%s ", words[stmt->op]);
        if (stmt->a)
            print_expr(out, stmt->a);
        if (stmt->runtime)
            fputs(stmt->runtime, out);
        if (stmt->op == IR_SEGMENT)
            print_segment(out, stmt->segment);
        if (stmt->op == IR_EXIT && stmt->action)
            fputc(' ', out);
        if (stmt->action)
            print_action(out, stmt);
        fputc('\n', out);
        if (stmt->op != IR_IF && stmt->op != IR_SEGMENT)
            continue;
        print_body(out, stmt->then_, indent + 2);
        if (stmt->else_) {
            fprintf(out, "%*selse\n", indent, "");
            print_body(out, stmt->else_, indent + 2);
        }
    }
}

void ir_print(FILE *out, const struct ir_clause *clause) {
    fprintf(out, "clause %u\n", clause->index);
    if (clause->predicate) {
        fputs("  when ", out);
        print_expr(out, clause->predicate);
        fputc('\n', out);
    }
    print_body(out, clause->body, 2);
}

// --- checking ---

static void check_operands(const struct ir_expr *expr) {
    switch ((enum op_class)ops[expr->op].class) {
    case LEAF: break;
    case UNARY: assert(expr->a && !expr->b); break;
    case BINARY:
        assert(expr->a && expr->b && expr->type.kind == IR_INT);
        assert(ir_type_equal(expr->a->type, expr->type));
        assert(expr->op == IR_SHL || expr->op == IR_SHR ||
               ir_type_equal(expr->b->type, expr->type));
        break;
    case COMPARE:
        assert(expr->a && expr->b);
        assert(ir_type_equal(expr->a->type, expr->b->type));
        assert(ir_type_equal(expr->type, IR_TYPE_INT));
        break;
    case LOGIC:
        assert(expr->a && expr->b);
        assert(ir_type_equal(expr->type, IR_TYPE_INT));
        break;
    }
}

static void check_expr(const struct ir_expr *expr) {
    check_operands(expr);
    if (expr->op == IR_VARIABLE || expr->op == IR_ASSIGN)
        assert(ir_type_equal(expr->type, expr->variable->type));
    if (expr->op == IR_CONST)
        assert(expr->value == ir_wrap(expr->value, expr->type));
    if (expr->op == IR_COND) {
        assert(expr->a && expr->a->type.kind == IR_INT);
        assert(ir_type_equal(expr->b->type, expr->type));
        assert(ir_type_equal(expr->c->type, expr->type));
    }
    const struct ir_expr *operands[] = {expr->a, expr->b, expr->c};
    for (size_t i = 0; i < COUNT_OF(operands) && operands[i]; i++)
        check_expr(operands[i]);
    for (uint32_t i = 0; i < expr->arg_count; i++)
        check_expr(expr->args[i]);
}

static void check_body(const struct ir_stmt *stmt) {
    for (; stmt; stmt = stmt->next) {
        if (stmt->a)
            check_expr(stmt->a);
        check_body(stmt->then_);
        check_body(stmt->else_);
        for (uint32_t i = 0; i < stmt->arg_count; i++)
            check_expr(stmt->args[i]);
        if (stmt->op == IR_AGG && stmt->keys)
            for (uint32_t i = 0; i < stmt->aggregation->key_count; i++)
                check_expr(stmt->keys[i]);
    }
}

void ir_check(const struct ir_clause *clause) {
    if (clause->predicate) {
        assert(clause->predicate->type.kind == IR_INT);
        check_expr(clause->predicate);
    }
    check_body(clause->body);
}

static uint64_t field_size(const struct ir_field *field, uint64_t strsize) {
    switch ((enum ir_field_kind)field->kind) {
    case IR_FIELD_TEXT:
    case IR_FIELD_KNOWN: return strsize + 1;
    case IR_FIELD_STACK: return 8 * (1 + (uint64_t)field->size);
    default: return field->size;
    }
}

uint64_t ir_record_size(const struct ir_segment *segment, uint64_t strsize) {
    uint64_t size = 8; // of which clause and probe it is
    for (uint32_t i = 0; i < segment->action_count; i++) {
        const struct ir_action *action = &segment->actions[i];
        if (action->kind == IR_ACTION_SPECULATE)
            continue;
        for (uint32_t k = 0; k < action->field_count; k++) {
            const struct ir_field *field = &action->fields[k];
            uint64_t align = field->kind == IR_FIELD_INT ? field->size : 1;
            size = (size + align - 1) / align * align;
            size += field_size(field, strsize);
        }
    }
    return size;
}
