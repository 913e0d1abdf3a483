// c_stmt.c: statements as C, each below a comment with what the script says.

#include <inttypes.h>
#include <string.h>

#include "codegen/c.h"
#include "mctrace/aggs.h"
#include "mctrace/runtime.h"

// The script's own words, up to the end of their line.
static void say(struct printing *print, struct span span) {
    if (!span.source || span.len == 0 ||
        (span.source == print->said.source && span.off == print->said.off))
        return;
    print->said = span;
    struct str all = span.source->text;
    size_t last = span.off + span.len;
    while (last < all.n && all.p[last] == ')') // an operator's ends before it
        last++;
    struct str text = str_slice(all, span.off, last);
    const char *end = str_find(text, '\n');
    struct bytes quoted;
    bytes_init(&quoted, print->arena, ORDER_LITTLE);
    c_quote(&quoted, str_slice(text, 0, end ? (size_t)(end - text.p) : text.n));
    c_line(print, "// %.*s%s", (int)quoted.n, (const char *)quoted.p,
           end ? " ..." : "");
}

static void print_if(struct printing *print, const struct ir_stmt *stmt) {
    struct c_value condition = c_expr(print, stmt->a);
    c_open(print, "if (%.*s)", STR_ARGS(c_bare(condition.text)));
    c_body(print, stmt->then_);
    if (stmt->else_) {
        c_else(print);
        c_body(print, stmt->else_);
    }
    c_close(print);
}

// --- aggregations ---

// What is known of a key before its element is looked for: its words, or, when
// it is one text that stays as it is until then, where that stands.
struct element_key {
    struct str text; // empty: `words`
    struct c_key words;
};

// The value is worked out between the key and the element, and may assign to
// a variable. What a function returned is nobody's.
static bool is_settled_text(const struct ir_stmt *stmt) {
    const struct ir_aggregation *aggregation = stmt->aggregation;
    return aggregation->key_count == 1 &&
           aggregation->key_forms[0].kind == IR_KEY_STRING &&
           (stmt->arg_count == 0 || stmt->keys[0]->op == IR_CALL);
}

static struct element_key table_key(struct printing *print,
                                    const struct ir_stmt *stmt) {
    const struct ir_aggregation *aggregation = stmt->aggregation;
    if (aggregation->key_words > MCT_MOST_KEY_WORDS ||
        aggregation->cell_count > MCT_MOST_CELLS) {
        diag_error(print->diag, R_CODEGEN, stmt->span,
                   "%.*s is too large for keys that are only known while the "
                   "program runs",
                   STR_ARGS(aggregation->name));
        print->failed = true;
    }
    struct element_key key = {0};
    if (is_settled_text(stmt))
        key.text = c_bare(c_expr(print, stmt->keys[0]).text);
    else
        key.words =
            c_keys(print, stmt->keys, aggregation->key_forms,
                   aggregation->key_count, NULL, 0, aggregation->key_words);
    return key;
}

// The cells of an element in a table; NULL: there is no room for it.
static struct str find_in_table(struct printing *print,
                                const struct ir_stmt *stmt,
                                const struct element_key *key) {
    const struct ir_aggregation *aggregation = stmt->aggregation;
    const char *name = key->text.n           ? "mct_agg_find_text"
                       : key->words.is_short ? "mct_agg_find_quickly"
                                             : "mct_agg_find";
    struct str words = key->text;
    if (!key->text.n)
        words = c_text(print, "%.*s, %.*s", STR_ARGS(key->words.words),
                       STR_ARGS(key->words.used));
    c_runtime(print, name, stmt->span);
    struct str cells = c_text(print, "cells%u", ++print->names);
    c_line(print,
           "uint64_t *%.*s = %s((struct mct_table *)%.*s, %.*s, "
           "0x%" PRIx64 "ull);",
           STR_ARGS(cells), name,
           STR_ARGS(c_place(print, aggregation->table_off)), STR_ARGS(words),
           MCT_GEOMETRY(aggregation->table_log2, aggregation->key_words,
                        aggregation->cell_count));
    return cells;
}

// Keys are evaluated before values, and the element is made after both, when
// nothing can go wrong any more.
static void print_aggregation(struct printing *print,
                              const struct ir_stmt *stmt) {
    const struct ir_aggregation *aggregation = stmt->aggregation;
    struct element_key key = {0};
    if (!stmt->is_slot)
        key = table_key(print, stmt);
    // value, increment
    struct c_value given[] = {{STR("0"), true}, {STR("1"), true}};
    uint32_t count = stmt->arg_count < 2 ? stmt->arg_count : 2;
    struct c_value *values = c_operands(print, stmt->args, count, c_wide);
    for (uint32_t i = 0; i < count; i++)
        given[i] = values[i];
    struct bytes params;
    bytes_init(&params, print->arena, ORDER_LITTLE);
    for (uint32_t i = 0; i < 4; i++) {
        int64_t param =
            i < aggregation->param_count ? aggregation->params[i] : 0;
        struct str text = param == INT64_MIN
                              ? STR(", INT64_MIN")
                              : c_text(print, ", %" PRId64 "%s", param,
                                       param == (int32_t)param ? "" : "ll");
        bytes_add(&params, text.p, text.n);
    }
    struct str cells;
    if (stmt->is_slot) {
        cells = print->handover.is_called
                    ? c_text(print, "(uint64_t *)(mct_region + %.*s)",
                             STR_ARGS(c_hole(print, stmt->slot_hole)))
                    : c_text(print, "mct_slot_%u", (unsigned)stmt->slot_hole);
    } else {
        cells = find_in_table(print, stmt, &key);
        c_open(print, "if (%.*s)", STR_ARGS(cells));
    }
    const char *name = aggregation->function->name;
    c_runtime(print,
              str_terminated(print->arena, c_text(print, "mct_agg_%s", name)),
              stmt->span);
    c_line(print, "mct_agg_%s(%.*s, %.*s, %.*s%.*s);", name, STR_ARGS(cells),
           STR_ARGS(c_bare(given[0].text)), STR_ARGS(c_bare(given[1].text)),
           (int)params.n, (const char *)params.p);
    if (aggregation->counts_updates) {
        c_runtime(print, "mct_agg_count", stmt->span);
        c_line(print, "mct_agg_count(%.*s + %u, 0, 0, 0, 0, 0, 0);",
               STR_ARGS(cells), (unsigned)(aggregation->cell_count - 1));
    }
    if (!stmt->is_slot)
        c_close(print);
}

// --- others ---

static void print_exit(struct printing *print, const struct ir_stmt *stmt) {
    struct c_value status = c_wide(print, stmt->a);
    c_line(print, "status = %.*s;", STR_ARGS(c_bare(status.text)));
    if (stmt->action)
        c_store_field(print, &stmt->action->fields[0],
                      stmt->action->fields[0].type, STR("status"));
    c_line(print, "exiting = true;");
}

// Where an interrupt may come between, what a variable counts is added at once.
static void print_do(struct printing *print, const struct ir_expr *expr) {
    bool takes_away;
    const struct ir_expr *by =
        print->input->is_bare ? ir_addition(expr, &takes_away) : NULL;
    if (!by) {
        c_effect(print, expr);
        return;
    }
    struct c_value value = c_wide(print, by);
    c_runtime(print, "mct_add", expr->span);
    c_line(print, "mct_add((uint8_t *)&%.*s, %s%.*s, %u);",
           STR_ARGS(c_variable(print, expr->variable)),
           takes_away ? "0 - " : "",
           STR_ARGS(takes_away ? value.text : c_bare(value.text)),
           (unsigned)expr->variable->size);
}

static void call_statement(struct printing *print, const struct ir_stmt *stmt,
                           const char *name) {
    c_runtime(print, name, stmt->span);
    struct c_value *args =
        c_operands(print, stmt->args, stmt->arg_count, c_wide);
    struct bytes list;
    bytes_init(&list, print->arena, ORDER_LITTLE);
    for (uint32_t i = 0; i < stmt->arg_count; i++) {
        bytes_add(&list, ", ", i > 0 ? 2 : 0);
        bytes_add(&list, args[i].text.p, args[i].text.n);
    }
    if (stmt->a) {
        struct str last = c_text(print, "%s(int32_t)%.*s", list.n ? ", " : "",
                                 STR_ARGS(c_wide(print, stmt->a).text));
        bytes_add(&list, last.p, last.n);
    }
    c_line(print, "%s(%.*s);", name, (int)list.n, (const char *)list.p);
}

void c_keep_scratch(struct printing *print) {
    if (!print->has_firing)
        return;
    print->uses_kept = true;
    c_line(print, "scratch_kept = firing->scratch_top;");
}

// Its temporaries are of no use to other statements: a clause may have many.
static void end_statement(struct printing *print, const struct ir_stmt *stmt) {
    if (!print->has_firing || !ir_takes_scratch(stmt))
        return;
    print->uses_kept = true;
    c_line(print, "firing->scratch_top = scratch_kept;");
}

void c_body(struct printing *print, const struct ir_stmt *stmt) {
    for (; stmt; stmt = stmt->next) {
        if (stmt->op != IR_IF && (stmt->op != IR_SEGMENT || !stmt->then_))
            say(print, stmt->span);
        switch ((enum ir_stmt_op)stmt->op) {
        case IR_DO: print_do(print, stmt->a); break;
        case IR_IF: print_if(print, stmt); break;
        case IR_AGG: print_aggregation(print, stmt); break;
        case IR_EXIT: print_exit(print, stmt); break;
        case IR_SEND: call_statement(print, stmt, "mct_send"); break;
        case IR_INTERNAL: call_statement(print, stmt, stmt->runtime); break;
        case IR_SEGMENT: c_segment(print, stmt); break;
        case IR_ACTION: c_action(print, stmt); break;
        }
        end_statement(print, stmt);
    }
}
