// eval.c: the reference evaluator.
//
// What generated code does, said as plainly as possible: folded clauses are
// walked over a region in memory. The tests hold it against C on one side and
// against the machine code on the other, so nothing here is shared with either
// but the layout of the region: buckets are found by trying the range of each.
//
// Integers are carried as 64 bits that have been wrapped to their type. A text
// is a slice of the texts, of the script or of the region. What C leaves
// undefined is defined: sums wrap, shifts use the low bits of their count, the
// least integer divided by -1 is itself. A division by zero ends the clause.

#include <assert.h>
#include <string.h>

#include "ir/ir.h"
#include "mctrace/aggs.h"
#include "mctrace/runtime.h"

struct value {
    uint64_t n;
    struct str text;
};

struct eval {
    struct eval_input *input;
    bool faulted;
    bool exiting; // exit() was called, with this status
    uint64_t status;
};

static struct value eval_expr(struct eval *eval, const struct ir_expr *expr);

// --- operations ---

static uint64_t shift_right(struct ir_type type, uint64_t a, unsigned count) {
    uint64_t fill = type.is_signed && (a >> 63) ? ~(uint64_t)0 : 0;
    return count ? a >> count | fill << (64 - count) : a;
}

// Division of magnitudes; the remainder has the sign of the dividend.
static bool divide(enum ir_op op, struct ir_type type, uint64_t a, uint64_t b,
                   uint64_t *result) {
    if (b == 0)
        return false;
    bool a_negative = type.is_signed && a >> 63;
    bool b_negative = type.is_signed && b >> 63;
    uint64_t x = a_negative ? 0 - a : a, y = b_negative ? 0 - b : b;
    *result = op == IR_DIV ? x / y : x % y;
    if (op == IR_DIV ? a_negative != b_negative : a_negative)
        *result = 0 - *result;
    return true;
}

static bool is_less(struct ir_type type, uint64_t a, uint64_t b) {
    return type.is_signed ? (int64_t)a < (int64_t)b : a < b;
}

bool eval_binary(enum ir_op op, struct ir_type type, uint64_t a, uint64_t b,
                 uint64_t *result) {
    unsigned count = (unsigned)b & (type.bits - 1u);
    switch (op) {
    case IR_ADD: *result = a + b; break;
    case IR_SUB: *result = a - b; break;
    case IR_MUL: *result = a * b; break;
    case IR_DIV:
    case IR_MOD:
        if (!divide(op, type, a, b, result))
            return false;
        break;
    case IR_SHL: *result = a << count; break;
    case IR_SHR: *result = shift_right(type, a, count); break;
    case IR_AND: *result = a & b; break;
    case IR_OR: *result = a | b; break;
    case IR_XOR: *result = a ^ b; break;
    case IR_LT: *result = is_less(type, a, b); return true;
    case IR_LE: *result = !is_less(type, b, a); return true;
    case IR_GT: *result = is_less(type, b, a); return true;
    case IR_GE: *result = !is_less(type, a, b); return true;
    case IR_EQ: *result = a == b; return true;
    case IR_NE: *result = a != b; return true;
    case IR_LAND: *result = a && b; return true;
    case IR_LOR: *result = a || b; return true;
    case IR_LXOR: *result = !a != !b; return true;
    default: return false;
    }
    *result = ir_wrap(*result, type);
    return true;
}

bool eval_unary(enum ir_op op, struct ir_type type, uint64_t a,
                uint64_t *result) {
    switch (op) {
    case IR_NEGATE: *result = ir_wrap(0 - a, type); return true;
    case IR_COMPLEMENT: *result = ir_wrap(~a, type); return true;
    case IR_CAST: *result = ir_wrap(a, type); return true;
    case IR_NOT: *result = a == 0; return true;
    default: return false;
    }
}

// --- the region ---

static uint64_t load(const struct eval *eval, uint64_t off, size_t len) {
    return load_uint(eval->input->region + off, len, eval->input->order);
}

static void store(const struct eval *eval, uint64_t off, size_t len,
                  uint64_t value) {
    store_uint(eval->input->region + off, value, len, eval->input->order);
}

#define HEADER_LOAD(eval, field)                                               \
    load(eval, offsetof(struct mct_region, field),                             \
         sizeof((struct mct_region *)0)->field)
#define HEADER_STORE(eval, field, value)                                       \
    store(eval, offsetof(struct mct_region, field),                            \
          sizeof((struct mct_region *)0)->field, value)

static struct str text_at(const char *start, size_t most) {
    return (struct str){start, strnlen(start, most)};
}

static struct value eval_global(const struct eval *eval,
                                const struct ir_variable *variable) {
    if (variable->type.kind == IR_STRING) {
        const uint8_t *start = eval->input->region + variable->off;
        return (struct value){.text =
                                  text_at((const char *)start, variable->size)};
    }
    uint64_t raw = load(eval, variable->off, variable->size);
    return (struct value){.n = ir_wrap(raw, variable->type)};
}

// A text is cut at the size of its variable, and what is left behind its end
// is cleared.
static struct value eval_assign(struct eval *eval, const struct ir_expr *expr) {
    struct value value = eval_expr(eval, expr->a);
    const struct ir_variable *variable = expr->variable;
    if (eval->faulted)
        return value;
    if (variable->type.kind == IR_INT) {
        store(eval, variable->off, variable->size, value.n);
        return value;
    }
    uint8_t *place = eval->input->region + variable->off;
    size_t n =
        value.text.n < variable->size ? value.text.n : variable->size - 1u;
    memmove(place, value.text.p, n);
    memset(place + n, 0, variable->size - n);
    return eval_global(eval, variable);
}

// --- expressions ---

static struct value eval_call(struct eval *eval, const struct ir_expr *expr) {
    uint64_t args[8] = {0};
    assert(expr->arg_count <= COUNT_OF(args));
    for (uint32_t i = 0; i < expr->arg_count; i++)
        args[i] = eval_expr(eval, expr->args[i]).n;
    if (eval->faulted)
        return (struct value){0};
    struct eval_input *input = eval->input;
    uint64_t result = input->call(input->state, expr->callee, args);
    if (expr->type.kind != IR_STRING)
        return (struct value){.n = ir_wrap(result, expr->type)};
    return (struct value){.text = str_from(input->texts + result)};
}

static struct value eval_leaf(struct eval *eval, const struct ir_expr *expr) {
    struct eval_input *input = eval->input;
    bool is_text = expr->type.kind == IR_STRING;
    uint64_t n = 0;
    switch (expr->op) {
    case IR_CONST: n = expr->value; break;
    case IR_TEXT: return (struct value){.text = expr->text};
    case IR_HOLE: n = input->holes[expr->value]; break;
    case IR_IMAGE: n = 0; break;
    case IR_FLOAT_REG: n = input->float_reg(input->state, expr->value); break;
    case IR_REG: n = input->reg(input->state, (uint8_t)expr->value); break;
    case IR_WORD:
        n = input->word(input->state, expr->reg, (int64_t)expr->value);
        break;
    default: assert(!"an operation that folding removes");
    }
    if (is_text)
        return (struct value){.text = str_from(input->texts + n)};
    return (struct value){.n = ir_wrap(n, expr->type)};
}

static struct value eval_logic(struct eval *eval, const struct ir_expr *expr) {
    bool a = eval_expr(eval, expr->a).n != 0;
    if (expr->op != IR_LXOR && a == (expr->op == IR_LOR))
        return (struct value){.n = a};
    bool b = eval_expr(eval, expr->b).n != 0;
    return (struct value){.n = expr->op == IR_LXOR ? a != b : b};
}

static struct value eval_pair(struct eval *eval, const struct ir_expr *expr) {
    struct value a = eval_expr(eval, expr->a), b = eval_expr(eval, expr->b);
    struct ir_type type = expr->a->type;
    if (expr->op == IR_COMMA)
        return b;
    if (type.kind == IR_STRING) {
        a.n = (uint64_t)(int64_t)str_compare(a.text, b.text);
        b.n = 0;
        type = IR_TYPE_I64;
    }
    struct value result = {0};
    if (!eval->faulted &&
        !eval_binary((enum ir_op)expr->op, type, a.n, b.n, &result.n))
        eval->faulted = true;
    return result;
}

static struct value eval_expr(struct eval *eval, const struct ir_expr *expr) {
    if (eval->faulted)
        return (struct value){0};
    switch (expr->op) {
    case IR_VARIABLE: return eval_global(eval, expr->variable);
    case IR_ASSIGN: return eval_assign(eval, expr);
    case IR_CALL: return eval_call(eval, expr);
    case IR_LAND:
    case IR_LOR:
    case IR_LXOR: return eval_logic(eval, expr);
    case IR_COND:
        return eval_expr(eval, eval_expr(eval, expr->a).n ? expr->b : expr->c);
    default: break;
    }
    if (!expr->a)
        return eval_leaf(eval, expr);
    if (expr->b)
        return eval_pair(eval, expr);
    struct value value = eval_expr(eval, expr->a);
    if (expr->type.kind == IR_INT)
        eval_unary((enum ir_op)expr->op, expr->type, value.n, &value.n);
    return value;
}

// --- aggregations ---

static void cell_add(const struct eval *eval, uint64_t off, uint64_t by) {
    store(eval, off, 8, load(eval, off, 8) + by);
}

static void cell_max(const struct eval *eval, uint64_t off, uint64_t value) {
    if (value > load(eval, off, 8))
        store(eval, off, 8, value);
}

// The square as 128 bits, by schoolbook multiplication of 32-bit halves.
static void add_square(const struct eval *eval, uint64_t off, int64_t value) {
    uint64_t m = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    uint64_t high = m >> 32, low = m & UINT32_MAX, cross = high * low;
    uint64_t words[3] = {low * low, cross, cross};
    uint64_t sum = load(eval, off, 8), carry = high * high;
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        uint64_t part = i ? words[i] << 32 : words[i];
        carry += (i ? words[i] >> 32 : 0) + (sum + part < sum);
        sum += part;
    }
    store(eval, off, 8, sum);
    cell_add(eval, off + 8, carry);
}

static void add_to_bucket(const struct eval *eval,
                          const struct ir_aggregation *aggregation,
                          uint64_t off, int64_t value, uint64_t increment) {
    uint32_t count = aggregation->cell_count - aggregation->counts_updates;
    if (aggregation->counts_updates)
        cell_add(eval, off + 8 * (uint64_t)count, 1);
    for (uint32_t i = 0; i < count; i++) {
        int64_t least, most;
        if (!mct_agg_range(aggregation->function->id, aggregation->params, i,
                           &least, &most) ||
            value < least || value > most)
            continue;
        cell_add(eval, off + 8 * (uint64_t)i, increment);
        return;
    }
}

// The cells of aggs.def, letter by letter.
static void update(const struct eval *eval,
                   const struct ir_aggregation *aggregation, uint64_t off,
                   int64_t value, uint64_t increment) {
    bool is_min = aggregation->function->id == MCT_AGG_min;
    for (const char *cell = aggregation->function->cells; *cell; cell++) {
        switch (*cell) {
        case 'c': cell_add(eval, off, 1); break;
        case 's': cell_add(eval, off, (uint64_t)value); break;
        case 'p': store(eval, off, 8, 1); break;
        case 'x':
            cell_max(eval, off,
                     is_min ? (uint64_t)INT64_MAX - (uint64_t)value
                            : (uint64_t)value ^ (uint64_t)1 << 63);
            break;
        case 'q':
            add_square(eval, off, value);
            return; // both cells; nothing stands behind them
        default: add_to_bucket(eval, aggregation, off, value, increment);
        }
        off += 8;
    }
}

// The element of a table under these keys, made if there is room; 0: none.
// Entries are tried from the first on, which readers do not mind.
static uint64_t find_entry(const struct eval *eval,
                           const struct ir_aggregation *aggregation,
                           const uint64_t *keys) {
    uint64_t table = aggregation->table_off;
    uint64_t cells_len = 8 * (uint64_t)aggregation->cell_count;
    uint64_t entry_len =
        8 * MCT_ENTRY_WORDS(aggregation->key_count, aggregation->cell_count);
    store(eval, table + offsetof(struct mct_table, log2_entries), 1,
          aggregation->table_log2);
    store(eval, table + offsetof(struct mct_table, key_words), 1,
          aggregation->key_count);
    store(eval, table + offsetof(struct mct_table, cell_words), 2,
          aggregation->cell_count);
    uint64_t entry = table + MCT_TABLE_ENTRIES_OFF(aggregation->table_log2);
    for (uint64_t i = 0; i < (uint64_t)1 << aggregation->table_log2; i++) {
        bool is_new = load(eval, entry, 8) == MCT_ENTRY_EMPTY, same = true;
        for (uint32_t k = 0; k < aggregation->key_count; k++) {
            if (is_new)
                store(eval, entry + 8 + cells_len + 8 * (uint64_t)k, 8,
                      keys[k]);
            same &= load(eval, entry + 8 + cells_len + 8 * (uint64_t)k, 8) ==
                    keys[k];
        }
        if (is_new) {
            store(eval, entry, 8, MCT_ENTRY_FULL);
            store(eval, table + offsetof(struct mct_table, used), 4, i + 1);
        }
        if (same)
            return entry + 8;
        entry += entry_len;
    }
    HEADER_STORE(eval, lost, HEADER_LOAD(eval, lost) + 1);
    return 0;
}

static void eval_aggregation(struct eval *eval, const struct ir_stmt *stmt) {
    const struct ir_aggregation *aggregation = stmt->aggregation;
    uint64_t keys[MCT_MOST_KEYS + 1], values[2] = {0, 1};
    assert(aggregation->key_count <= COUNT_OF(keys) && stmt->arg_count <= 2);
    for (uint32_t i = 0; !stmt->is_slot && i < aggregation->key_count; i++)
        keys[i] = eval_expr(eval, stmt->keys[i]).n;
    for (uint32_t i = 0; i < stmt->arg_count; i++)
        values[i] = eval_expr(eval, stmt->args[i]).n;
    if (eval->faulted)
        return;
    uint64_t off = stmt->is_slot ? eval->input->holes[stmt->slot_hole]
                                 : find_entry(eval, aggregation, keys);
    if (off)
        update(eval, aggregation, off, (int64_t)values[0], values[1]);
}

// --- statements ---

static void eval_body(struct eval *eval, const struct ir_stmt *stmt) {
    for (; stmt && !eval->faulted; stmt = stmt->next) {
        if (stmt->op == IR_AGG) {
            eval_aggregation(eval, stmt);
            continue;
        }
        // What the platform does (send, internal statements) has no effect on
        // the region.
        uint64_t n = stmt->a ? eval_expr(eval, stmt->a).n : 0;
        if (eval->faulted)
            return;
        if (stmt->op == IR_IF)
            eval_body(eval, n ? stmt->then_ : stmt->else_);
        if (stmt->op == IR_SEGMENT)
            eval_body(eval, stmt->then_);
        if (stmt->op == IR_EXIT) {
            eval->exiting = true;
            eval->status = n;
        }
    }
}

bool eval_clause(const struct ir_clause *clause, struct eval_input *input) {
    struct eval eval = {.input = input};
    if (clause->checks_end && HEADER_LOAD(&eval, state) >= MCT_STATE_ENDING)
        return true;
    if (!clause->predicate || eval_expr(&eval, clause->predicate).n)
        eval_body(&eval, clause->body);
    // A fault undoes exit(), as it undoes a record.
    if (eval.faulted) {
        HEADER_STORE(&eval, faults, HEADER_LOAD(&eval, faults) + 1);
    } else if (eval.exiting) {
        HEADER_STORE(&eval, exit_status, eval.status);
        HEADER_STORE(&eval, state, MCT_STATE_ENDING);
    }
    return !eval.faulted;
}
