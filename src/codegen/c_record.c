// c_record.c: segments as C: statements that fill one record, as
// llvm_record.c has them.
//
//             record = mct_record_begin(...);   none: -> recorded
//             statements; each action stores its fields
//             mct_record_end(...);              -> recorded
//     failed: mct_record_abort(...); the fault is told
//     recorded:

#include <inttypes.h>

#include "codegen/c.h"
#include "mctrace/records.h"

// --- fields ---

void c_store_field(struct printing *print, const struct ir_field *field,
                   struct ir_type type, struct str value) {
    c_line(print, "*(%s*)(%.*s + %u) = %.*s;", c_type(type),
           STR_ARGS(print->record), (unsigned)field->off,
           STR_ARGS(c_bare(value)));
}

static void print_field(struct printing *print, const struct ir_field *field,
                        const struct ir_expr *value) {
    if (field->kind == IR_FIELD_KNOWN)
        return;
    static const char *const names[] = {
        [IR_FIELD_BLOCK] = "mct_record_block",
        [IR_FIELD_TEXT] = "mct_record_text",
        [IR_FIELD_STACK] = "mct_record_stack",
    };
    struct c_value printed = c_expr(print, value);
    if (field->kind == IR_FIELD_INT) {
        c_store_field(print, field, field->type, printed.text);
        return;
    }
    const char *name = names[field->kind];
    c_runtime(print, name, value->span);
    if (field->kind != IR_FIELD_BLOCK) {
        c_line(print, "%s(firing, %.*s, %u);", name,
               STR_ARGS(c_bare(printed.text)), (unsigned)field->size);
        return;
    }
    c_line(print, "%s(firing, %.*s + %u, %.*s, %u, %d);", name,
           STR_ARGS(print->record), (unsigned)field->off,
           STR_ARGS(c_bare(printed.text)), (unsigned)field->size,
           ir_space_of(value) == IR_SPACE_OURS);
    c_check_fault(print);
}

// What a number that is given to a speculation's function reads as.
static struct str speculation(struct printing *print,
                              const struct ir_stmt *stmt) {
    const struct ir_expr *id = stmt->args[0];
    return c_bare(
        c_resize(print, c_expr(print, id), id->type, IR_TYPE_U64).text);
}

static struct str hold_tag(struct printing *print, struct str call) {
    struct c_value tag = c_hold(print, "uint64_t ", (struct c_value){call, 0});
    c_check_fault(print);
    return tag.text;
}

// A speculation's records bear its number; the number 0 ends the clause.
static void print_speculate(struct printing *print,
                            const struct ir_stmt *stmt) {
    c_runtime(print, "mct_speculate", stmt->span);
    struct str id = speculation(print, stmt);
    struct str tag = hold_tag(
        print,
        c_text(print, "mct_speculate(firing, %.*s, %" PRIu64 ")", STR_ARGS(id),
               ir_record_size(print->segment, print->input->layout->strsize)));
    c_open(print, "if (!%.*s)", STR_ARGS(tag));
    c_line(print, "mct_record_abort(firing);");
    c_leave(print);
    c_close(print);
    c_store_field(print, &stmt->action->fields[0], IR_TYPE_U64, tag);
}

static void print_speculation_end(struct printing *print,
                                  const struct ir_stmt *stmt) {
    c_runtime(print, "mct_speculation_end", stmt->span);
    struct str id = speculation(print, stmt);
    struct str tag =
        hold_tag(print, c_text(print, "mct_speculation_end(firing, %.*s)",
                               STR_ARGS(id)));
    c_store_field(print, &stmt->action->fields[0], IR_TYPE_U64, tag);
}

void c_action(struct printing *print, const struct ir_stmt *stmt) {
    const struct ir_action *action = stmt->action;
    if (action->kind == IR_ACTION_SPECULATE) {
        print_speculate(print, stmt);
        return;
    }
    if (action->kind == IR_ACTION_COMMIT || action->kind == IR_ACTION_DISCARD) {
        print_speculation_end(print, stmt);
        return;
    }
    for (uint32_t i = 0; i < action->field_count; i++)
        print_field(print, &action->fields[i], stmt->args[i]);
}

// --- segments ---

static struct str the_time(struct printing *print, const struct ir_stmt *stmt) {
    struct ir_expr now = {.op = IR_CALL,
                          .type = IR_TYPE_U64,
                          .callee = builtin_find(STR("timestamp")),
                          .span = stmt->span};
    return c_expr(print, &now).text;
}

// What a reader does to aggregations it does to their state of this moment;
// that is a record of its own, ahead of this one.
static void drain_all(struct printing *print, const struct ir_stmt *stmt) {
    for (const struct ir_stmt *item = stmt->then_; item; item = item->next) {
        uint32_t count =
            item->op == IR_ACTION ? item->action->aggregation_count : 0;
        for (uint32_t i = 0; i < count; i++) {
            c_runtime(print, "mct_drain", print->clause->span);
            c_line(print, "mct_drain(firing, %u);",
                   (unsigned)item->action->aggregations[i]->index);
        }
    }
}

// Without room the rest of the segment is passed over.
static void begin_record(struct printing *print, const struct ir_stmt *stmt,
                         struct str none) {
    const struct ir_segment *segment = stmt->segment;
    print->record = c_text(print, "record%u", segment->index);
    if (print->has_firing)
        c_line(print, "uint8_t *%.*s = mct_record_begin(firing, %u, %u);",
               STR_ARGS(print->record), (unsigned)segment->most_len,
               (unsigned)segment->fixed_len);
    else
        c_line(print, "uint8_t *%.*s = mct_record_take(%.*s, %u);",
               STR_ARGS(print->record), STR_ARGS(c_thread(print)),
               (unsigned)segment->most_len);
    c_open(print, "if (!%.*s)", STR_ARGS(print->record));
    c_line(print, "goto %.*s;", STR_ARGS(none));
    c_close(print);
}

static void end_record(struct printing *print, const struct ir_stmt *stmt) {
    struct str time = the_time(print, stmt);
    struct str enabling = c_hole(print, stmt->enabling_hole);
    uint32_t most = stmt->segment->most_len;
    if (print->has_firing)
        c_line(print, "%s(firing, (uint32_t)%.*s, %.*s);",
               most > MCT_MOST_RECORD ? "mct_record_end_long"
                                      : "mct_record_end",
               STR_ARGS(enabling), STR_ARGS(time));
    else
        c_line(print, "mct_record_put(%.*s, %.*s, (uint32_t)%.*s, %.*s, %u);",
               STR_ARGS(c_thread(print)), STR_ARGS(print->record),
               STR_ARGS(enabling), STR_ARGS(time), (unsigned)most);
}

void c_segment(struct printing *print, const struct ir_stmt *stmt) {
    struct str outer = print->failed_at;
    bool outer_uses = print->uses_fault;
    struct str on = c_text(print, "recorded%u", stmt->segment->index);
    drain_all(print, stmt);
    begin_record(print, stmt, on);
    print->failed_at = c_text(print, "failed%u", stmt->segment->index);
    print->segment = stmt->segment;
    print->uses_fault = false;
    c_body(print, stmt->then_);
    end_record(print, stmt);
    if (print->uses_fault) {
        c_line(print, "goto %.*s;", STR_ARGS(on));
        c_label(print, print->failed_at);
        c_line(print, "mct_record_abort(firing);");
        c_tell_fault(print);
    }
    print->uses_fault = outer_uses;
    print->failed_at = outer;
    print->segment = NULL;
    c_label(print, on);
}
