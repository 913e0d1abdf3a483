// event.c: an event of the provider proc at the system call that shows it: when
// it has happened, and what its arguments are.
//
// Both become trees of what the machine's registers hold there. A system call
// leaves its arguments where they were, so that what was asked for is known
// behind it as well; but on many machines the result takes the place of the
// first.

#include "ir/fold.h"

#define CLONE_THREAD UINT64_C(0x10000)
#define CLD_EXITED   1

struct event_site {
    struct arena *arena;
    const struct site *site;
    const struct abi *abi;
    struct span span;
    uint8_t bits; // of a register
};

static struct ir_expr *constant(const struct event_site *at, uint64_t value) {
    return ir_const(at->arena, IR_TYPE_I64, value, at->span);
}

static struct ir_expr *reg(const struct event_site *at, uint8_t reg) {
    struct ir_type type = at->bits == 32 ? IR_TYPE_INT : IR_TYPE_U64;
    struct ir_expr *expr = ir_expr_new(at->arena, IR_REG, type, at->span);
    expr->value = reg;
    return ir_cast(at->arena, expr, IR_TYPE_I64);
}

static struct ir_expr *binary(const struct event_site *at, enum ir_op op,
                              struct ir_type type, struct ir_expr *a,
                              struct ir_expr *b) {
    return ir_binary(at->arena, op, type, a, b);
}

static struct ir_expr *call(const struct event_site *at, struct str name,
                            struct ir_expr *a, struct ir_expr *b) {
    const struct builtin *callee = builtin_find(name);
    struct ir_expr *expr =
        ir_expr_new(at->arena, IR_CALL, callee->type, at->span);
    expr->callee = callee;
    expr->args = ARENA_ARRAY(at->arena, struct ir_expr *, 2);
    expr->args[0] = a;
    expr->args[1] = b;
    expr->arg_count = a == NULL ? 0 : b == NULL ? 1 : 2;
    return expr;
}

// Whether clone() was asked for a thread; clone3() has its flags in memory,
// which the kernel has just read. Where the result took their place what was
// made is looked at.
static struct ir_expr *makes_thread(const struct event_site *at) {
    if (at->abi->syscall_args[0] == at->abi->syscall_result)
        return ir_cast(at->arena,
                       call(at, STR("__is_thread"),
                            reg(at, at->abi->syscall_result), NULL),
                       IR_TYPE_INT);
    struct ir_expr *flags = reg(at, at->abi->syscall_args[0]);
    if (str_equal(str_from(at->site->event->syscall), STR("clone3"))) {
        struct ir_expr *load =
            ir_expr_new(at->arena, IR_LOAD, IR_TYPE_I64, at->span);
        load->a = ir_cast(at->arena, flags, IR_TYPE_U64);
        load->reg = IR_SPACE_OURS;
        flags = load;
    }
    return binary(
        at, IR_NE, IR_TYPE_INT,
        binary(at, IR_AND, IR_TYPE_I64, flags, constant(at, CLONE_THREAD)),
        constant(at, 0));
}

static struct ir_expr *process_of(const struct event_site *at) {
    struct ir_expr *expr =
        ir_expr_new(at->arena, IR_COND, IR_TYPE_I64, at->span);
    expr->a = makes_thread(at);
    expr->b = ir_cast(at->arena, call(at, STR("pid"), NULL, NULL), IR_TYPE_I64);
    expr->c = reg(at, at->abi->syscall_result);
    return expr;
}

static struct ir_expr *value(const struct event_site *at,
                             enum event_value which) {
    const uint8_t *args = at->abi->syscall_args;
    switch (which) {
    case EVENT_ARG0: return reg(at, args[0]);
    case EVENT_ARG1: return reg(at, args[1]);
    case EVENT_ARG2: return reg(at, args[2]);
    case EVENT_RESULT: return reg(at, at->abi->syscall_result);
    case EVENT_EXITED: return constant(at, CLD_EXITED);
    case EVENT_TARGET:
        return ir_cast(at->arena,
                       call(at, STR("__signal_target"), reg(at, args[0]), NULL),
                       IR_TYPE_I64);
    case EVENT_PROCESS_OF: return process_of(at);
    case EVENT_NONE: break;
    }
    return constant(at, 0);
}

static struct ir_expr *signalled(const struct event_site *at, struct str name) {
    const struct event *event = at->site->event;
    return call(at, name, value(at, (enum event_value)event->args[0]),
                value(at, (enum event_value)event->args[1]));
}

static struct ir_expr *compare_result(const struct event_site *at,
                                      enum ir_op op) {
    return binary(at, op, IR_TYPE_INT, reg(at, at->abi->syscall_result),
                  constant(at, 0));
}

static struct ir_expr *made_process(const struct event_site *at) {
    struct ir_expr *none = ir_const(at->arena, IR_TYPE_INT, 0, at->span);
    return binary(at, IR_LAND, IR_TYPE_INT, compare_result(at, IR_GT),
                  binary(at, IR_EQ, IR_TYPE_INT, makes_thread(at), none));
}

static struct ir_expr *is_first_thread(const struct event_site *at) {
    return binary(at, IR_EQ, IR_TYPE_INT, call(at, STR("tid"), NULL, NULL),
                  call(at, STR("pid"), NULL, NULL));
}

// A child cannot look at what its parent passed: that may be gone.
static struct ir_expr *is_new_process(const struct event_site *at) {
    return binary(at, IR_LAND, IR_TYPE_INT, compare_result(at, IR_EQ),
                  is_first_thread(at));
}

struct ir_expr *event_condition(struct arena *arena, const struct site *site,
                                const struct arch *arch, struct span span) {
    struct event_site at = {arena, site, &arch->abi, span, arch->bits};
    switch ((enum event_condition)site->event->condition) {
    case EVENT_ALWAYS: break;
    case EVENT_FAILED: return compare_result(&at, IR_LT);
    case EVENT_ZERO: return compare_result(&at, IR_EQ);
    case EVENT_POSITIVE: return compare_result(&at, IR_GT);
    case EVENT_PROCESS: return made_process(&at);
    case EVENT_NEW_PROCESS: return is_new_process(&at);
    case EVENT_FIRST_THREAD: return is_first_thread(&at);
    case EVENT_SENT: return signalled(&at, STR("__signal_sent"));
    case EVENT_DISCARDED: return signalled(&at, STR("__signal_discarded"));
    case EVENT_KILLED: return signalled(&at, STR("__signal_kills"));
    }
    return NULL;
}

struct ir_expr *event_arg(struct arena *arena, const struct site *site,
                          const struct arch *arch, const struct ir_expr *arg) {
    struct event_site at = {arena, site, &arch->abi, arg->span, arch->bits};
    const struct event *event = site->event;
    if (event->condition == EVENT_KILLED)
        return ir_cast(arena,
                       arg->value == 0 ? signalled(&at, STR("__signal_kills"))
                                       : constant(&at, 0),
                       arg->type);
    enum event_value which = arg->value < COUNT_OF(event->args)
                                 ? (enum event_value)event->args[arg->value]
                                 : EVENT_NONE;
    return ir_cast(arena, value(&at, which), arg->type);
}
