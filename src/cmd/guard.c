// guard.c: whether a script reads memory of the program, and the probes by
// which reading it costs no system call.
//
// A read that fails is a signal, which the runtime keeps from the program (see
// guard.c there). For that it must see what the program does with its signals:
// the system calls of guard.def, wherever they are made, the C library
// included. Where that cannot be, reads ask the kernel: in a library that is
// instrumented alone, where the C library is the loader, or where one of these
// system calls is out of reach.

#include <string.h>

#include "cmd/job.h"

static const struct guard_row {
    const char *call, *moment, *runtime, *args;
} rows[] = {
#define GUARD(call, moment, runtime, args) {#call, #moment, #runtime, args},
#include "cmd/guard.def"
#undef GUARD
};

static const char *const readers[] = {
#define READER(name) #name,
#include "cmd/readers.def"
#undef READER
};

// --- does the script read? ---

static bool is_reader(const struct builtin *callee) {
    for (size_t i = 0; callee->is_function && i < COUNT_OF(readers); i++)
        if (strcmp(callee->name, readers[i]) == 0)
            return true;
    return false;
}

static bool expr_reads(const struct ir_expr *expr) {
    if (!expr)
        return false;
    bool is_memory = expr->op == IR_LOAD || expr->op == IR_COPY;
    if ((is_memory && expr->reg == IR_SPACE_PROGRAM) ||
        expr->op == IR_TEXT_AT || expr->op == IR_STORE ||
        expr->op == IR_STACK ||
        (expr->op == IR_CALL &&
         (expr->callee->source == BUILTIN_STACK || is_reader(expr->callee))))
        return true;
    for (uint32_t i = 0; i < expr->arg_count; i++)
        if (expr_reads(expr->args[i]))
            return true;
    return expr_reads(expr->a) || expr_reads(expr->b) || expr_reads(expr->c);
}

static bool action_reads(const struct ir_action *action) {
    for (uint32_t i = 0; action && i < action->field_count; i++)
        if (action->fields[i].kind == IR_FIELD_STACK ||
            action->fields[i].kind == IR_FIELD_BLOCK)
            return true;
    return false;
}

static bool body_reads(const struct ir_stmt *stmt) {
    for (; stmt; stmt = stmt->next) {
        if (expr_reads(stmt->a) || body_reads(stmt->then_) ||
            body_reads(stmt->else_) || action_reads(stmt->action))
            return true;
        for (uint32_t i = 0; i < stmt->arg_count; i++)
            if (expr_reads(stmt->args[i]))
                return true;
        uint32_t keys =
            stmt->aggregation && stmt->keys ? stmt->aggregation->key_count : 0;
        for (uint32_t i = 0; i < keys; i++)
            if (expr_reads(stmt->keys[i]))
                return true;
    }
    return false;
}

static bool script_reads(const struct ir_script *script) {
    for (size_t i = 0; i < script->clause_count; i++)
        if (expr_reads(script->clauses[i]->predicate) ||
            body_reads(script->clauses[i]->body))
            return true;
    return false;
}

// --- the probes ---

bool guard_is_wanted(struct job *job) {
    struct diag quiet = {.quiet = true};
    if (job->unit_count == 0 || job->other_count > 0 ||
        !script_reads(job->script))
        return false;
    struct image *image = job->units[0].image;
    if (!image->is_program)
        return false;
    if (!image->is_dynamic)
        return true;
    struct library *libraries;
    size_t count;
    return !closure_starts_late(image) &&
           closure_find(image, job->arena, &libraries, &count, &quiet);
}

void guard_add(struct job *job) {
    if (!job->is_guarded)
        return;
    struct probe_desc *descs =
        ARENA_ARRAY(job->arena, struct probe_desc, COUNT_OF(rows));
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        descs[i] = (struct probe_desc){.provider = STR("syscall"),
                                       .function = str_from(rows[i].call),
                                       .name = str_from(rows[i].moment)};
        struct ir_stmt *stmt = internal_add(job, rows[i].runtime, &descs[i], 1);
        internal_pass(job, stmt, rows[i].args);
    }
}

bool guard_has_site(const struct site *site) {
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (str_is(site->probefunc, rows[i].call) &&
            str_is(site->name, rows[i].moment))
            return true;
    return false;
}
