// c_memory.c: variables of every storage, and memory by address, as
// llvm_memory.c has them.
//
// A scalar is a macro that says where it lies:
//
//     global_x    (*(int64_t *)(mct_region + 4096))
//     self_x      (*(int64_t *)((uint8_t *)thread + 512))
//     this_x      (*(int64_t *)((uint8_t *)firing + 256))
//
// An element of an array is looked up by the runtime each time.

#include <inttypes.h>

#include "codegen/c.h"
#include "mctrace/records.h"
#include "mctrace/runtime.h"

static struct c_value fixed(struct str text) {
    return (struct c_value){text, true};
}

static struct c_value loose(struct str text) {
    return (struct c_value){text, false};
}

// Checks that the runtime has the function that is about to be named.
static const char *runtime(struct printing *print, const struct ir_expr *expr,
                           const char *name) {
    c_runtime(print, name, expr ? expr->span : (struct span){0});
    return name;
}

// --- keys ---

struct packing {
    struct printing *print;
    struct str words, used; // used: empty while it is the constant `count`
    uint32_t count;
};

static struct str key_place(const struct packing *packing) {
    return packing->used.n
               ? packing->used
               : c_text(packing->print, "%u", (unsigned)packing->count);
}

static void pack_word(struct packing *packing, struct str word) {
    struct printing *print = packing->print;
    const char *step = packing->used.n ? "++" : "";
    c_line(print, "%.*s[%.*s%s] = %.*s;", STR_ARGS(packing->words),
           STR_ARGS(key_place(packing)), step, STR_ARGS(c_bare(word)));
    if (!packing->used.n)
        packing->count++;
}

// Texts and stacks take as many words as the runtime finds.
static void pack_long(struct packing *packing, const struct ir_expr *key,
                      const char *name, struct str value) {
    struct printing *print = packing->print;
    runtime(print, key, name);
    if (!packing->used.n) {
        packing->used = c_text(print, "used%u", print->names);
        c_line(print, "uint64_t %.*s = %u;", STR_ARGS(packing->used),
               (unsigned)packing->count);
    }
    c_line(print, "%.*s += %s(%.*s + %.*s, %.*s);", STR_ARGS(packing->used),
           name, STR_ARGS(packing->words), STR_ARGS(packing->used),
           STR_ARGS(c_bare(value)));
}

// Where the words go: a short key of integers on the stack, anything longer
// in memory of the firing.
static struct str key_room(struct printing *print, const struct ir_expr *like,
                           bool is_long, uint32_t words_most) {
    struct str name = c_text(print, "key%u", ++print->names);
    if (is_long) {
        c_line(print, "uint64_t *%.*s = %s(firing, %llu);", STR_ARGS(name),
               runtime(print, like, "mct_room"), words_most * 8ull);
        c_check_fault(print);
        return name;
    }
    struct str declared = c_text(print, "        uint64_t %.*s[%u];\n",
                                 STR_ARGS(name), (unsigned)words_most);
    bytes_add(&print->locals, declared.p, declared.n);
    return name;
}

static bool is_by_address(const struct ir_key_form *form) {
    return form->kind == IR_KEY_STRING || form->kind == IR_KEY_STACK;
}

// All keys are evaluated before the first is packed: they may have keys of
// their own.
struct c_key c_keys(struct printing *print, struct ir_expr **keys,
                    const struct ir_key_form *forms, uint32_t count,
                    const struct str *before, uint32_t before_count,
                    uint32_t words_most) {
    struct str *values = ARENA_ARRAY(print->arena, struct str, count + 1);
    bool is_long = false;
    for (uint32_t i = 0; i < count; i++) {
        bool by_address = is_by_address(&forms[i]);
        is_long |= by_address;
        struct c_value value =
            by_address ? c_expr(print, keys[i]) : c_wide(print, keys[i]);
        for (uint32_t k = i + 1; k < count && !value.is_fixed; k++)
            if (!c_is_plain(keys[k]))
                value = c_hold(print,
                               by_address ? c_type(keys[i]->type)
                                          : c_type(IR_TYPE_U64),
                               value);
        values[i] = value.text;
    }
    struct packing packing = {.print = print, .words = STR("(uint64_t *)0")};
    if (count + before_count > 0)
        packing.words =
            key_room(print, count ? keys[0] : NULL, is_long, words_most);
    for (uint32_t i = 0; i < before_count; i++)
        pack_word(&packing, before[i]);
    for (uint32_t i = 0; i < count; i++) {
        if (forms[i].kind == IR_KEY_STRING)
            pack_long(&packing, keys[i], "mct_key_text", values[i]);
        else if (forms[i].kind == IR_KEY_STACK)
            pack_long(&packing, keys[i], "mct_key_stack", values[i]);
        else
            pack_word(&packing, values[i]);
    }
    return (struct c_key){.words = packing.words,
                          .used = key_place(&packing),
                          .is_short = !packing.used.n &&
                                      packing.count <= MCT_SHORT_KEY};
}

// --- elements of associative arrays ---

// Two keys in front: the variable, and for a thread-local one the thread.
static struct c_key element_key(struct printing *print,
                                const struct ir_expr *expr) {
    const struct ir_variable *variable = expr->variable;
    struct ir_key_form *forms =
        ARENA_ARRAY(print->arena, struct ir_key_form, expr->arg_count);
    for (uint32_t i = 0; i < expr->arg_count; i++)
        forms[i].kind =
            expr->args[i]->type.kind == IR_STRING ? IR_KEY_STRING : IR_KEY_INT;
    struct str before[2] = {c_text(print, "%u", (unsigned)variable->index)};
    uint32_t before_count = 1;
    if (variable->storage == IR_SELF_VARIABLE)
        before[before_count++] =
            c_text(print, "*(uint64_t *)&%.*s->tid", STR_ARGS(c_thread(print)));
    return c_keys(print, expr->args, forms, expr->arg_count, before,
                  before_count,
                  (uint32_t)print->input->layout->dynvar_key_words);
}

// What the runtime must know of the table of dynamic variables.
static uint64_t table_geometry(const struct printing *print) {
    const struct layout *layout = print->input->layout;
    return MCT_GEOMETRY(layout->dynvar_log2, layout->dynvar_key_words,
                        layout->dynvar_value_len / 8);
}

enum element_wish { ELEMENT_IF_THERE, ELEMENT_MADE };

// The address of the element's value; NULL: it is not there, or (counted)
// there is no room for it.
static struct str find_element(struct printing *print,
                               const struct ir_expr *expr, struct c_key key,
                               enum element_wish wish) {
    static const char *const names[2][2] = {
        {"mct_dynvar_find", "mct_dynvar_find_quickly"},
        {"mct_dynvar_make", "mct_dynvar_make_quickly"}};
    const char *name =
        runtime(print, expr, names[wish == ELEMENT_MADE][key.is_short]);
    struct str at = c_text(print, "at%u", ++print->names);
    c_line(print, "uint8_t *%.*s = %s(%.*s, %.*s, 0x%" PRIx64 "ull);",
           STR_ARGS(at), name, STR_ARGS(key.words), STR_ARGS(key.used),
           table_geometry(print));
    return at;
}

static void free_element(struct printing *print, const struct ir_expr *expr,
                         struct c_key key) {
    c_line(print, "%s(%.*s, %.*s, 0x%" PRIx64 "ull);",
           runtime(print, expr, "mct_dynvar_free"), STR_ARGS(key.words),
           STR_ARGS(key.used), table_geometry(print));
}

// --- reading ---

// What a place holds; an integer's is that of a macro or behind a pointer.
static struct c_value read_place(struct printing *print,
                                 const struct ir_expr *expr, struct str at,
                                 bool is_element) {
    const struct ir_variable *variable = expr->variable;
    if (expr->type.kind == IR_STRING)
        return loose(c_text(print, "(%.*s[%u] ? (const char *)%.*s : 0)",
                            STR_ARGS(at), (unsigned)variable->size - 1,
                            STR_ARGS(at)));
    struct str value = is_element ? c_text(print, "*(%s*)%.*s",
                                           c_type(variable->type), STR_ARGS(at))
                                  : at;
    return c_resize(print, loose(value), variable->type, expr->type);
}

struct c_value c_read_variable(struct printing *print,
                               const struct ir_expr *expr) {
    if (expr->variable->key_count == 0) {
        c_thread_of(print, expr->variable);
        return read_place(print, expr, c_variable(print, expr->variable),
                          false);
    }
    struct str at =
        find_element(print, expr, element_key(print, expr), ELEMENT_IF_THERE);
    const char *none = expr->type.kind == IR_STRING ? "(const char *)0" : "0";
    return c_hold(
        print, c_type(expr->type),
        loose(c_text(print, "(%.*s ? %.*s : %s)", STR_ARGS(at),
                     STR_ARGS(read_place(print, expr, at, true).text), none)));
}

// --- writing ---

// `len` bytes from an address whose space is known.
static void copy_block(struct printing *print, const struct ir_expr *expr,
                       struct str to, struct str from, uint64_t len) {
    c_line(print, "%s(firing, %.*s, %.*s, %" PRIu64 ", %d);",
           runtime(print, expr, "mct_copy_block"), STR_ARGS(c_bare(to)),
           STR_ARGS(c_bare(from)), len, expr->reg == IR_SPACE_OURS);
    c_check_fault(print);
}

static void write_place(struct printing *print, const struct ir_expr *expr,
                        struct str at, bool is_element, struct str value) {
    const struct ir_variable *variable = expr->variable;
    if (variable->type.kind == IR_STRING)
        c_line(print, "%s((char *)%.*s, %.*s, %u);",
               runtime(print, expr, "mct_string_assign"), STR_ARGS(at),
               STR_ARGS(c_bare(value)), (unsigned)variable->size);
    else if (variable->type.kind == IR_BLOCK)
        copy_block(print, expr,
                   c_text(print, "(uint64_t)(uintptr_t)%.*s", STR_ARGS(at)),
                   value, variable->size);
    else if (is_element)
        c_line(print, "*(%s*)%.*s = %.*s;", c_type(variable->type),
               STR_ARGS(at), STR_ARGS(c_bare(value)));
    else
        c_line(print, "%.*s = %.*s;", STR_ARGS(at), STR_ARGS(c_bare(value)));
}

// A block may turn out to be all zero.
static void assign_block_element(struct printing *print,
                                 const struct ir_expr *expr, struct str value) {
    struct c_key key = element_key(print, expr);
    struct str at = find_element(print, expr, key, ELEMENT_MADE);
    c_open(print, "if (%.*s)", STR_ARGS(at));
    write_place(print, expr, at, true, value);
    c_open(print, "if (%s(%.*s, %u))", runtime(print, expr, "mct_is_zero"),
           STR_ARGS(at), (unsigned)expr->variable->size);
    free_element(print, expr, key);
    c_close(print);
    c_close(print);
}

// An element is freed by 0 or NULL, and made for anything else.
static void assign_element(struct printing *print, const struct ir_expr *expr,
                           struct str value) {
    struct c_key key = element_key(print, expr);
    c_open(print, "if (!%.*s)", STR_ARGS(value));
    free_element(print, expr, key);
    c_else(print);
    struct str at = find_element(print, expr, key, ELEMENT_MADE);
    c_open(print, "if (%.*s)", STR_ARGS(at));
    write_place(print, expr, at, true, value);
    c_close(print);
    c_close(print);
}

struct c_value c_assign(struct printing *print, const struct ir_expr *expr,
                        bool wants_value) {
    const struct ir_variable *variable = expr->variable;
    struct c_value value = c_expr(print, expr->a);
    if (variable->type.kind == IR_INT && !wants_value && !variable->key_count)
        value = c_operand_of(print, expr->a, value);
    if (variable->type.kind == IR_INT)
        value = c_resize(print, value, expr->a->type, variable->type);
    if (wants_value || variable->key_count > 0)
        value = c_hold(print, c_type(variable->type), value);
    if (variable->key_count > 0 && variable->type.kind == IR_BLOCK) {
        assign_block_element(print, expr, value.text);
    } else if (variable->key_count > 0) {
        assign_element(print, expr, value.text);
    } else {
        c_thread_of(print, variable);
        write_place(print, expr, c_variable(print, variable), false,
                    value.text);
    }
    if (variable->type.kind != IR_INT)
        return value;
    return c_resize(print, value, variable->type, expr->type);
}

// --- addresses ---

struct c_value c_address(struct printing *print, const struct ir_expr *expr) {
    const struct ir_variable *variable = expr->variable;
    if (variable->key_count > 0) {
        struct str at =
            find_element(print, expr, element_key(print, expr),
                         expr->value ? ELEMENT_MADE : ELEMENT_IF_THERE);
        return fixed(c_text(print, "(uint64_t)(uintptr_t)%.*s", STR_ARGS(at)));
    }
    c_thread_of(print, variable);
    bool is_int = variable->type.kind == IR_INT;
    return fixed(c_text(print, "(uint64_t)(uintptr_t)%s%.*s", is_int ? "&" : "",
                        STR_ARGS(c_variable(print, variable))));
}

static struct str nowhere(struct printing *print, struct str address,
                          const char *sign) {
    return c_text(print, "%.*s %s 0x%x", STR_ARGS(address), sign, MCT_NOWHERE);
}

// An element that is not there reads as zero: its address is 0 plus something
// less than a page.
static struct c_value load_ours(struct printing *print,
                                const struct ir_expr *expr,
                                struct c_value address) {
    address = c_hold(print, c_type(IR_TYPE_U64), address);
    return c_hold(print, c_type(expr->type),
                  loose(c_text(print, "(%.*s ? 0 : AT(%.*s, %.*s))",
                               STR_ARGS(nowhere(print, address.text, "<")),
                               STR_ARGS(c_type_name(expr->type)),
                               STR_ARGS(address.text))));
}

struct c_value c_load(struct printing *print, const struct ir_expr *expr) {
    struct c_value address = c_expr(print, expr->a);
    if (expr->reg == IR_SPACE_OURS)
        return load_ours(print, expr, address);
    struct c_value word = c_hold(
        print, c_type(expr->type),
        loose(c_text(print, "%s(firing, %.*s, %u)",
                     runtime(print, expr, "mct_load"),
                     STR_ARGS(c_bare(address.text)), expr->type.bits / 8u)));
    c_check_fault(print);
    return word;
}

// Where an element found no room, nothing is stored.
static void store_ours(struct printing *print, struct c_value address,
                       struct ir_type type, struct str value) {
    address = c_hold(print, c_type(IR_TYPE_U64), address);
    c_open(print, "if (%.*s)", STR_ARGS(nowhere(print, address.text, ">=")));
    c_line(print, "AT(%.*s, %.*s) = %.*s;", STR_ARGS(c_type_name(type)),
           STR_ARGS(address.text), STR_ARGS(value));
    c_close(print);
}

struct c_value c_store(struct printing *print, const struct ir_expr *expr) {
    struct ir_expr *operands[] = {expr->a, expr->b};
    struct c_value *values = c_operands(print, operands, 2, c_expr);
    struct str address = c_bare(values[0].text);
    struct c_value value = c_hold(print, c_type(expr->b->type), values[1]);
    if (expr->b->type.kind == IR_STRING) {
        c_line(print, "%s(firing, %.*s, %.*s, %" PRIu64 ");",
               runtime(print, expr, "mct_store_text"), STR_ARGS(address),
               STR_ARGS(value.text), expr->value);
        c_check_fault(print);
        return value;
    }
    if (expr->reg == IR_SPACE_OURS) {
        store_ours(print, values[0], expr->b->type, value.text);
        return value;
    }
    // The bytes of the value, not its sign, go on.
    struct ir_type bytes = expr->b->type;
    bytes.is_signed = false;
    c_line(print, "%s(firing, %.*s, %.*s, %u);",
           runtime(print, expr, "mct_store"), STR_ARGS(address),
           STR_ARGS(c_resize(print, value, expr->b->type, bytes).text),
           expr->b->type.bits / 8u);
    c_check_fault(print);
    return value;
}

struct c_value c_copy(struct printing *print, const struct ir_expr *expr) {
    struct ir_expr *operands[] = {expr->a, expr->b};
    struct c_value *values = c_operands(print, operands, 2, c_expr);
    struct c_value to = c_hold(print, c_type(IR_TYPE_U64), values[0]);
    copy_block(print, expr, to.text, values[1].text, expr->value);
    return to;
}

struct c_value c_bound(struct printing *print, const struct ir_expr *expr) {
    struct c_value index = c_expr(print, expr->a);
    index = c_hold(print, c_type(expr->a->type), index);
    struct str wide = c_resize(print, index, expr->a->type, IR_TYPE_U64).text;
    c_fault_if(print,
               c_text(print, "%.*s >= %" PRIu64, STR_ARGS(wide), expr->value),
               "MCT_FAULT_BADINDEX", wide);
    return index;
}

struct c_value c_present(struct printing *print, const struct ir_expr *expr) {
    struct c_value text = c_expr(print, expr->a);
    text = c_hold(print, c_type(IR_TYPE_STRING), text);
    c_fault_if(print, c_text(print, "!%.*s", STR_ARGS(text.text)),
               "MCT_FAULT_BADADDR", STR("0"));
    return text;
}

struct c_value c_text_at(struct printing *print, const struct ir_expr *expr) {
    struct c_value address = c_expr(print, expr->a);
    struct c_value text =
        c_hold(print, c_type(IR_TYPE_STRING),
               loose(c_text(print, "%s(firing, %.*s, %" PRIu64 ", %d)",
                            runtime(print, expr, "mct_text_at"),
                            STR_ARGS(c_bare(address.text)), expr->value,
                            expr->reg == IR_SPACE_OURS)));
    c_check_fault(print);
    return text;
}
