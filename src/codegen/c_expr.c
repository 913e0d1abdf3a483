// c_expr.c: expressions as C.
//
// C promotes what is narrower than int, and leaves undefined what the IR does
// not: so results are cast back, a shift takes its count modulo the width, and
// a division looks at its divisor. Overflow wraps, because the compiler is
// told so.

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "codegen/c.h"
#include "mctrace/runtime.h"

static struct c_value fixed(struct str text) {
    return (struct c_value){text, true};
}

// A variable that nothing else is called by.
static struct str fresh_name(struct printing *print) {
    return c_text(print, "tmp%u", ++print->names);
}

static struct c_value loose(struct str text) {
    return (struct c_value){text, false};
}

const char *c_type(struct ir_type type) {
    static const char *const names[2][4] = {
        {"uint8_t ", "uint16_t ", "uint32_t ", "uint64_t "},
        {"int8_t ", "int16_t ", "int32_t ", "int64_t "}};
    switch ((enum ir_type_kind)type.kind) {
    case IR_STRING: return "const char *";
    case IR_INT:
        return names[type.is_signed]
                    [(type.bits > 8) + (type.bits > 16) + (type.bits > 32)];
    case IR_BLOCK: return "uint64_t ";
    case IR_VOID: break;
    }
    return "void ";
}

struct str c_type_name(struct ir_type type) {
    struct str name = str_from(c_type(type));
    return name.p[name.n - 1] == ' ' ? str_slice(name, 0, name.n - 1) : name;
}

// What was widened ahead of it need not have been.
static struct str cast(struct printing *print, struct ir_type type,
                       struct str text) {
    static const char *const wide[] = {"(int64_t)", "(uint64_t)"};
    for (size_t i = 0; type.kind == IR_INT && i < COUNT_OF(wide); i++)
        if (str_starts_with(text, str_from(wide[i])))
            text = str_slice(text, strlen(wide[i]), text.n);
    return c_text(print, "(%.*s)%.*s", STR_ARGS(c_type_name(type)),
                  STR_ARGS(text));
}

// C's own type of narrow results is int.
static struct c_value result(struct printing *print, struct ir_type type,
                             struct str text) {
    return loose(type.kind == IR_INT && type.bits < 32 ? cast(print, type, text)
                                                       : text);
}

struct c_value c_hold(struct printing *print, const char *type,
                      struct c_value value) {
    if (value.is_fixed)
        return value;
    struct str name = fresh_name(print);
    c_line(print, "%s%.*s = %.*s;", type, STR_ARGS(name),
           STR_ARGS(c_bare(value.text)));
    return fixed(name);
}

struct c_value c_resize(struct printing *print, struct c_value value,
                        struct ir_type from, struct ir_type to) {
    if (ir_type_equal(from, to))
        return value;
    return (struct c_value){cast(print, to, value.text), value.is_fixed};
}

// --- what is plain ---

static bool is_plain_list(struct ir_expr **exprs, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        if (!c_is_plain(exprs[i]))
            return false;
    return true;
}

bool c_is_plain(const struct ir_expr *expr) {
    if (!expr)
        return true;
    switch ((enum ir_op)expr->op) {
    case IR_ASSIGN:
    case IR_CALL:
    case IR_ADDRESS:
    case IR_LOAD:
    case IR_STORE:
    case IR_COPY:
    case IR_BOUND:
    case IR_PRESENT:
    case IR_TEXT_AT:
    case IR_STACK: return false;
    case IR_VARIABLE:
        if (expr->variable->key_count > 0)
            return false;
        break;
    case IR_DIV:
    case IR_MOD:
        if (!ir_is_safe_divisor(expr->b))
            return false;
        break;
    default: break;
    }
    return c_is_plain(expr->a) && c_is_plain(expr->b) && c_is_plain(expr->c) &&
           is_plain_list(expr->args, expr->arg_count);
}

struct c_value *c_operands(struct printing *print, struct ir_expr **exprs,
                           uint32_t count, c_operand *operand) {
    struct c_value *values =
        ARENA_ARRAY(print->arena, struct c_value, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        values[i] = operand(print, exprs[i]);
        if (is_plain_list(exprs + i + 1, count - i - 1))
            continue;
        struct ir_type type = operand == c_wide ? IR_TYPE_U64 : exprs[i]->type;
        values[i] = c_hold(print, c_type(type), values[i]);
    }
    return values;
}

// --- faults ---

static void fail_here(struct printing *print) {
    print->uses_fault = print->has_faults = true;
    c_line(print, "fault_place = %u;", ++print->places);
    c_line(print, "goto %.*s;", STR_ARGS(print->failed_at));
}

void c_fault_if(struct printing *print, struct str condition, const char *code,
                struct str value) {
    c_open(print, "if (%.*s)", STR_ARGS(condition));
    c_line(print, "fault_code = %s;", code);
    c_line(print, "fault_value = %.*s;", STR_ARGS(c_bare(value)));
    fail_here(print);
    c_close(print);
}

void c_check_fault(struct printing *print) {
    c_open(print, "if (firing->fault)");
    fail_here(print);
    c_close(print);
}

// --- leaves ---

static struct c_value print_const(struct printing *print,
                                  const struct ir_expr *expr) {
    struct ir_type type = expr->type;
    int64_t value = (int64_t)expr->value;
    if (type.kind != IR_INT)
        return fixed(STR("(const char *)0"));
    if (!type.is_signed) {
        const char *suffix = type.bits == 64 ? "ull" : "u";
        return fixed(c_text(print,
                            expr->value > UINT32_MAX ? "0x%" PRIx64 "%s"
                                                     : "%" PRIu64 "%s",
                            expr->value, type.bits < 32 ? "" : suffix));
    }
    if (value == INT64_MIN || (type.bits == 32 && value == INT32_MIN))
        return fixed(type.bits == 64 && value == INT64_MIN ? STR("INT64_MIN")
                                                           : STR("INT32_MIN"));
    const char *suffix = type.bits == 64 ? "ll" : "";
    return fixed(c_text(print, value < 0 ? "(%" PRId64 "%s)" : "%" PRId64 "%s",
                        value, suffix));
}

struct c_value c_operand_of(struct printing *print, const struct ir_expr *expr,
                            struct c_value value) {
    if (expr->op != IR_CONST || expr->type.kind != IR_INT ||
        expr->value > INT32_MAX)
        return value;
    return fixed(c_text(print, "%" PRIu64, expr->value));
}

static struct c_value print_hole(struct printing *print,
                                 const struct ir_expr *expr) {
    struct str value = c_hole(print, expr->value);
    if (expr->type.kind == IR_STRING)
        return fixed(c_text(print, "(mct_texts + %.*s)", STR_ARGS(value)));
    struct ir_type type = IR_TYPE_U64;
    if (print->handover.is_called && print->handover.value_len == 4)
        type.bits = 32;
    return c_resize(print, fixed(value), type, expr->type);
}

static struct c_value print_text(struct printing *print,
                                 const struct ir_expr *expr) {
    uint64_t off = layout_text(print->input->layout, expr->text);
    struct bytes quoted;
    bytes_init(&quoted, print->arena, ORDER_LITTLE);
    c_quote(&quoted, expr->text);
    return fixed(c_text(print, "(mct_texts + %" PRIu64 " /* \"%.*s\" */)", off,
                        (int)quoted.n, (const char *)quoted.p));
}

static struct str register_name(struct printing *print, uint64_t number) {
    const struct arch *arch = print->input->arch;
    return number == arch->abi.sp ? STR("sp")
                                  : str_from(arch->regs[number].name);
}

static struct c_value print_register(struct printing *print,
                                     const struct ir_expr *expr) {
    struct str name = register_name(print, expr->value);
    unsigned bits = print->input->arch->bits;
    if (!expr->type.is_signed && expr->type.bits == bits)
        return fixed(name);
    if (expr->type.is_signed && expr->type.bits > bits)
        name = c_text(print, "(intptr_t)%.*s", STR_ARGS(name));
    return fixed(cast(print, expr->type, name));
}

// Nothing of ours changes them, so they are read where they are wanted.
static struct c_value print_float_register(struct printing *print,
                                           const struct ir_expr *expr) {
    struct float_word word = arch_float_unpack(print->input->arch, expr->value);
    const char *constraint = word.form->constraint;
    const char *type = word.form->bytes == 4 ? "uint32_t" : "uint64_t";
    struct str name = fresh_name(print);
    struct str read =
        arch_float_read(print->arena, print->input->arch, &word, "%%", "%0");
    if (constraint[0] == '=') {
        c_line(print, "%s %.*s;", type, STR_ARGS(name));
        c_line(print, "__asm__ volatile(\"%.*s\" : \"%s\"(%.*s));",
               STR_ARGS(read), constraint, STR_ARGS(name));
        return fixed(cast(print, IR_TYPE_U64, name));
    }
    // The stack is not aligned: a clause begins wherever sp was.
    struct str room = fresh_name(print);
    c_line(print, "uint8_t %.*s[%u];", STR_ARGS(room),
           (unsigned)arch_float_room(word.form));
    c_line(print, "uintptr_t %.*s = ((uintptr_t)%.*s + %d) & -(uintptr_t)%d;",
           STR_ARGS(name), STR_ARGS(room), FLOAT_ALIGN - 1, FLOAT_ALIGN);
    c_line(print, "__asm__ volatile(\"%.*s\" : : \"%s\"(%.*s) : \"memory\");",
           STR_ARGS(read), constraint, STR_ARGS(name));
    name = c_text(print, "AT(%s, %.*s + %u)", type, STR_ARGS(name),
                  (unsigned)arch_float_off(&word));
    return fixed(cast(print, IR_TYPE_U64, name));
}

static struct c_value print_word(struct printing *print,
                                 const struct ir_expr *expr) {
    struct str word =
        c_text(print, "AT(uintptr_t, %.*s + %" PRId64 ")",
               STR_ARGS(register_name(print, expr->reg)), (int64_t)expr->value);
    return loose(cast(print, expr->type, word));
}

// The words of struct mct_site_state.
static struct c_value print_stack(struct printing *print,
                                  const struct ir_expr *expr) {
    struct c_value *words =
        c_operands(print, expr->args, expr->arg_count, c_wide);
    struct str name = c_text(print, "state%u", ++print->names);
    struct str declared = c_text(print, "        uint64_t %.*s[%u];\n",
                                 STR_ARGS(name), (unsigned)expr->arg_count);
    bytes_add(&print->locals, declared.p, declared.n);
    for (uint32_t i = 0; i < expr->arg_count; i++)
        c_line(print, "%.*s[%u] = %.*s;", STR_ARGS(name), (unsigned)i,
               STR_ARGS(c_bare(words[i].text)));
    return fixed(c_text(print, "(uint64_t)(uintptr_t)%.*s", STR_ARGS(name)));
}

static struct c_value print_told(struct printing *print,
                                 const struct ir_expr *expr) {
    struct c_value word =
        loose(c_text(print, "(int64_t)%.*s->told_args[%" PRIu64 "]",
                     STR_ARGS(c_thread(print)), expr->value));
    return c_resize(print, word, IR_TYPE_I64, expr->type);
}

// --- calls ---

// A function with a parameter more than the script gives takes the firing, and
// may fail. `to`: what takes the result; empty: a new name.
static struct c_value call_builtin(struct printing *print,
                                   const struct ir_expr *expr, struct str to) {
    const char *name = expr->callee->runtime;
    const struct c_piece *function = c_runtime(print, name, expr->span);
    struct c_value *args =
        c_operands(print, expr->args, expr->arg_count, c_expr);
    if (!function)
        return fixed(STR("0"));
    bool takes_firing = function->parameters == expr->arg_count + 1;
    assert(takes_firing || function->parameters == expr->arg_count);
    struct bytes call;
    bytes_init(&call, print->arena, ORDER_LITTLE);
    bytes_add(&call, "firing, ", takes_firing ? 8 : 0);
    for (uint32_t i = 0; i < expr->arg_count; i++) {
        struct str arg = c_bare(args[i].text);
        bytes_add(&call, arg.p, arg.n);
        bytes_add(&call, ", ", 2);
    }
    struct str list = {(const char *)call.p, call.n ? call.n - 2 : 0};
    struct str text = c_text(print, "%s(%.*s)", name, STR_ARGS(list));
    struct c_value value = fixed(STR("0"));
    if (to.n)
        c_line(print, "%.*s = %.*s;", STR_ARGS(to), STR_ARGS(text));
    else if (expr->type.kind == IR_VOID)
        c_line(print, "%.*s;", STR_ARGS(text));
    else
        value = c_hold(print, c_type(expr->type), loose(text));
    if (takes_firing)
        c_check_fault(print);
    return value;
}

// A built-in variable is read once in a clause; DTrace promises so for
// timestamp.
static struct str find_reading(struct printing *print,
                               const struct ir_expr *expr) {
    for (size_t i = 0; i < print->reading_count; i++)
        if (print->readings[i].builtin == expr->callee)
            return print->readings[i].name;
    struct c_reading *reading =
        ARENA_PUSH(print->arena, print->readings, print->reading_count,
                   print->reading_room);
    reading->builtin = expr->callee;
    reading->name = str_from(expr->callee->name);
    struct str declared = c_text(
        print, "        bool has_%.*s = false;\n        %sthe_%.*s = 0;\n",
        STR_ARGS(reading->name), c_type(expr->type), STR_ARGS(reading->name));
    bytes_add(&print->locals, declared.p, declared.n);
    return reading->name;
}

static struct c_value print_builtin(struct printing *print,
                                    const struct ir_expr *expr) {
    if (expr->callee->is_function)
        return call_builtin(print, expr, (struct str){0});
    struct str name = find_reading(print, expr);
    c_open(print, "if (!has_%.*s)", STR_ARGS(name));
    struct str to = c_text(print, "the_%.*s", STR_ARGS(name));
    call_builtin(print, expr, to);
    if (expr->type.kind == IR_STRING)
        c_keep_scratch(print);
    c_line(print, "has_%.*s = true;", STR_ARGS(name));
    c_close(print);
    return fixed(to);
}

// --- arithmetic ---

static void print_pair(struct printing *print, const struct ir_expr *expr,
                       struct c_value pair[2]) {
    struct ir_expr *operands[] = {expr->a, expr->b};
    struct c_value *values = c_operands(print, operands, 2, c_expr);
    pair[0] = values[0];
    pair[1] = values[1];
}

// The least integer divided by -1 is itself.
static struct c_value print_division(struct printing *print,
                                     const struct ir_expr *expr) {
    struct c_value pair[2];
    print_pair(print, expr, pair);
    const char *sign = expr->op == IR_DIV ? "/" : "%";
    bool is_safe = ir_is_safe_divisor(expr->b);
    if (!is_safe) {
        // It may be looked at twice, and the other must not change meanwhile.
        pair[1] = c_hold(print, c_type(expr->b->type), pair[1]);
        c_fault_if(print, c_text(print, "%.*s == 0", STR_ARGS(pair[1].text)),
                   "MCT_FAULT_DIVZERO", STR("0"));
    }
    struct str plain = c_text(print, "(%.*s %s %.*s)", STR_ARGS(pair[0].text),
                              sign, STR_ARGS(pair[1].text));
    bool is_minus_one =
        expr->b->op == IR_CONST && (int64_t)expr->b->value == -1;
    if (!expr->type.is_signed || (is_safe && !is_minus_one))
        return result(print, expr->type, plain);
    struct str other = expr->op == IR_DIV
                           ? c_text(print, "-%.*s", STR_ARGS(pair[0].text))
                           : STR("0");
    return result(print, expr->type,
                  c_text(print, "(%.*s == -1 ? %.*s : %.*s)",
                         STR_ARGS(pair[1].text), STR_ARGS(other),
                         STR_ARGS(plain)));
}

static struct c_value print_shift(struct printing *print,
                                  const struct ir_expr *expr) {
    struct c_value pair[2];
    print_pair(print, expr, pair);
    unsigned mask = expr->type.bits - 1u;
    struct str count =
        expr->b->op == IR_CONST
            ? c_text(print, "%u", (unsigned)(expr->b->value & mask))
            : c_text(print, "(%.*s & %u)", STR_ARGS(pair[1].text), mask);
    struct str a = c_resize(print, pair[0], expr->a->type, expr->type).text;
    return result(print, expr->type,
                  c_text(print, "(%.*s %s %.*s)", STR_ARGS(a),
                         expr->op == IR_SHL ? "<<" : ">>", STR_ARGS(count)));
}

static const char *sign_of(enum ir_op op) {
    static const char *const signs[IR_OP_COUNT] = {
        [IR_ADD] = "+",   [IR_SUB] = "-",  [IR_MUL] = "*",   [IR_AND] = "&",
        [IR_OR] = "|",    [IR_XOR] = "^",  [IR_LT] = "<",    [IR_LE] = "<=",
        [IR_GT] = ">",    [IR_GE] = ">=",  [IR_EQ] = "==",   [IR_NE] = "!=",
        [IR_LAND] = "&&", [IR_LOR] = "||", [IR_LXOR] = "!=",
    };
    return signs[op];
}

static struct c_value print_binary(struct printing *print,
                                   const struct ir_expr *expr) {
    struct c_value pair[2];
    print_pair(print, expr, pair);
    if (expr->a->op != IR_CONST)
        pair[1] = c_operand_of(print, expr->b, pair[1]);
    return result(print, expr->type,
                  c_text(print, "(%.*s %s %.*s)", STR_ARGS(pair[0].text),
                         sign_of(expr->op), STR_ARGS(pair[1].text)));
}

static struct c_value print_cast(struct printing *print,
                                 const struct ir_expr *expr) {
    struct c_value a = c_expr(print, expr->a);
    bool from_text = expr->a->type.kind == IR_STRING;
    bool to_text = expr->type.kind == IR_STRING;
    if (from_text && to_text)
        return a;
    if (from_text || to_text)
        a.text = c_text(print, "(uintptr_t)%.*s", STR_ARGS(a.text));
    if (from_text) // of so many bits on any machine
        return c_resize(print, a, IR_TYPE_STRING, expr->type);
    return c_resize(print, a, expr->a->type, expr->type);
}

static struct c_value print_unary(struct printing *print,
                                  const struct ir_expr *expr) {
    if (expr->op == IR_CAST)
        return print_cast(print, expr);
    struct c_value a = c_expr(print, expr->a);
    const char *sign = expr->op == IR_NEGATE       ? "-"
                       : expr->op == IR_COMPLEMENT ? "~"
                                                   : "!";
    return result(print, expr->type,
                  c_text(print, "(%s%.*s)", sign, STR_ARGS(a.text)));
}

// --- comparisons and choices ---

// Texts differ within strsize, or not.
static struct c_value print_compare(struct printing *print,
                                    const struct ir_expr *expr) {
    if (expr->a->type.kind != IR_STRING)
        return print_binary(print, expr);
    struct c_value pair[2];
    print_pair(print, expr, pair);
    c_runtime(print, "mct_string_compare", expr->span);
    return loose(
        c_text(print, "(mct_string_compare(%.*s, %.*s, %" PRIu64 ") %s 0)",
               STR_ARGS(c_bare(pair[0].text)), STR_ARGS(c_bare(pair[1].text)),
               print->input->layout->strsize, sign_of(expr->op)));
}

static struct str truth(struct printing *print, struct c_value value) {
    return c_text(print, "(%.*s != 0)", STR_ARGS(value.text));
}

static struct c_value print_logic(struct printing *print,
                                  const struct ir_expr *expr) {
    if (expr->op == IR_LXOR) {
        struct c_value pair[2];
        print_pair(print, expr, pair);
        return loose(c_text(print, "(%.*s != %.*s)",
                            STR_ARGS(truth(print, pair[0])),
                            STR_ARGS(truth(print, pair[1]))));
    }
    if (c_is_plain(expr->b))
        return print_binary(print, expr);
    struct c_value a = c_expr(print, expr->a);
    struct str name = fresh_name(print);
    c_line(print, "int32_t %.*s = %.*s;", STR_ARGS(name),
           STR_ARGS(c_bare(truth(print, a))));
    c_open(print, expr->op == IR_LAND ? "if (%.*s)" : "if (!%.*s)",
           STR_ARGS(name));
    struct c_value b = c_expr(print, expr->b);
    c_line(print, "%.*s = %.*s;", STR_ARGS(name),
           STR_ARGS(c_bare(truth(print, b))));
    c_close(print);
    return fixed(name);
}

static struct c_value print_choice(struct printing *print,
                                   const struct ir_expr *expr) {
    struct c_value a = c_expr(print, expr->a);
    if (c_is_plain(expr->b) && c_is_plain(expr->c)) {
        struct str b = c_expr(print, expr->b).text;
        struct str c = c_expr(print, expr->c).text;
        return loose(c_text(print, "(%.*s ? %.*s : %.*s)", STR_ARGS(a.text),
                            STR_ARGS(b), STR_ARGS(c)));
    }
    struct str name = fresh_name(print);
    const struct ir_expr *arms[] = {expr->b, expr->c};
    bool is_void = expr->type.kind == IR_VOID;
    if (!is_void)
        c_line(print, "%s%.*s;", c_type(expr->type), STR_ARGS(name));
    for (int i = 0; i < 2; i++) {
        if (i == 0)
            c_open(print, "if (%.*s)", STR_ARGS(c_bare(a.text)));
        else
            c_else(print);
        struct c_value value = c_expr(print, arms[i]);
        if (!is_void)
            c_line(print, "%.*s = %.*s;", STR_ARGS(name),
                   STR_ARGS(c_bare(value.text)));
    }
    c_close(print);
    return fixed(name);
}

// flat:
struct c_value c_expr(struct printing *print, const struct ir_expr *expr) {
    switch ((enum ir_op)expr->op) {
    case IR_CONST: return print_const(print, expr);
    case IR_TEXT: return print_text(print, expr);
    case IR_HOLE: return print_hole(print, expr);
    case IR_REG: return print_register(print, expr);
    case IR_IMAGE: return fixed(STR("(uint64_t)(uintptr_t)mct_image"));
    case IR_FLOAT_REG: return print_float_register(print, expr);
    case IR_WORD: return print_word(print, expr);
    case IR_STACK: return print_stack(print, expr);
    case IR_TOLD_ARG: return print_told(print, expr);
    case IR_VARIABLE: return c_read_variable(print, expr);
    case IR_ASSIGN: return c_assign(print, expr, true);
    case IR_ADDRESS: return c_address(print, expr);
    case IR_LOAD: return c_load(print, expr);
    case IR_STORE: return c_store(print, expr);
    case IR_COPY: return c_copy(print, expr);
    case IR_TEXT_AT: return c_text_at(print, expr);
    case IR_BOUND: return c_bound(print, expr);
    case IR_PRESENT: return c_present(print, expr);
    case IR_CALL: return print_builtin(print, expr);
    case IR_CAST:
    case IR_NEGATE:
    case IR_COMPLEMENT:
    case IR_NOT: return print_unary(print, expr);
    case IR_LT:
    case IR_LE:
    case IR_GT:
    case IR_GE:
    case IR_EQ:
    case IR_NE: return print_compare(print, expr);
    case IR_LAND:
    case IR_LOR:
    case IR_LXOR: return print_logic(print, expr);
    case IR_COND: return print_choice(print, expr);
    case IR_COMMA: c_effect(print, expr->a); return c_expr(print, expr->b);
    case IR_DIV:
    case IR_MOD: return print_division(print, expr);
    case IR_SHL:
    case IR_SHR: return print_shift(print, expr);
    case IR_ADD:
    case IR_SUB:
    case IR_MUL:
    case IR_AND:
    case IR_OR:
    case IR_XOR: return print_binary(print, expr);
    // Folded away.
    case IR_UREG:
    case IR_PROGRAM:
    case IR_ARG:
    case IR_CALLER:
    case IR_FRAME:
    case IR_ERRNO:
    case IR_SITE_ID:
    case IR_EPID:
    case IR_SITE_PROV:
    case IR_SITE_MOD:
    case IR_SITE_FUNC:
    case IR_SITE_NAME:
    case IR_OP_COUNT: break;
    }
    assert(!"an operation that folding should have removed");
    return fixed(STR("0"));
}

void c_effect(struct printing *print, const struct ir_expr *expr) {
    if (expr->op == IR_ASSIGN)
        c_assign(print, expr, false);
    else
        c_expr(print, expr);
}

// Texts that are known when a program is instrumented, or one of several such.
static bool is_of_texts(const struct ir_expr *expr) {
    switch ((enum ir_op)expr->op) {
    case IR_TEXT:
    case IR_HOLE: return true;
    case IR_COND: return is_of_texts(expr->b) && is_of_texts(expr->c);
    case IR_COMMA: return is_of_texts(expr->b);
    case IR_CAST: return is_of_texts(expr->a);
    default: return false;
    }
}

struct c_value c_wide(struct printing *print, const struct ir_expr *expr) {
    struct c_value value = c_expr(print, expr);
    if (expr->type.kind == IR_INT && expr->op == IR_CONST)
        return c_operand_of(print, expr, value);
    if (expr->type.kind == IR_STRING && expr->op == IR_HOLE)
        return fixed(c_hole(print, expr->value));
    if (expr->type.kind != IR_STRING)
        return c_resize(print, value, expr->type, IR_TYPE_U64);
    if (!is_of_texts(expr)) {
        diag_error(print->diag, D_KEY_TYPE, expr->span,
                   "a string that is only known while the program runs cannot "
                   "be a key");
        print->failed = true;
    }
    value.text =
        c_text(print, "(uint64_t)(%.*s - mct_texts)", STR_ARGS(value.text));
    return value;
}
