// passed.c: the arguments of a function of the program at its entry, and its
// result when it returns, as expressions.
//
// Where they are, passed_rules.c says. A number in one general register is argN
// at an entry. What is in others, or in several, is put together in memory of
// the clause's, word by word (__passed), and is there what its type says:
//
//     struct { double d; int n; } in xmm0 and rdi
//         *(struct ... *)__passed(xmm0, rdi, 0, 0)

#include "script/passed.h"

#define WORD        8 // of what is put together
#define WORDS_MOST  4 // at once
#define RESULT_ARGS 1 // args[] has it there

// The registers that the numbers of pieces stand for.
struct reading {
    struct script *script;
    const uint8_t *registers;
    struct span span;
};

static struct node *new_node(const struct reading *reading, enum node_kind kind,
                             const struct type *type) {
    struct node *node = ARENA_NEW(reading->script->arena, struct node);
    *node = (struct node){
        .kind = (uint8_t)kind, .span = reading->span, .type = type, .size = 1};
    return node;
}

static const struct type *word_type(const struct reading *reading) {
    return type_basic(reading->script, BASIC_ULLONG);
}

static struct node *constant(const struct reading *reading, uint64_t value) {
    struct node *node = new_node(reading, NODE_INTEGER, word_type(reading));
    check_set_constant(node, value);
    return node;
}

static struct node *binary(const struct reading *reading, enum token_kind op,
                           struct node *a, struct node *b) {
    struct node *node = new_node(reading, NODE_BINARY, word_type(reading));
    node->op = (uint8_t)op;
    node->a = a;
    node->b = b;
    node->size += a->size + b->size;
    return node;
}

static struct node *as_type(const struct reading *reading,
                            const struct type *type, struct node *value) {
    struct node *cast = new_node(reading, NODE_CAST, type);
    cast->named = type;
    cast->a = value;
    cast->size += value->size;
    return cast;
}

// uregs[row]. Rows that no script names are words of other registers.
static struct node *register_word(const struct reading *reading, uint64_t row) {
    struct node *word =
        new_node(reading, NODE_NAME, type_basic(reading->script, BASIC_ULONG));
    word->builtin = builtin_find(STR("uregs"));
    word->value = row;
    return word;
}

static struct node *general_word(const struct reading *reading, uint8_t reg) {
    const struct arch *arch = reading->script->arch;
    uint64_t row = 0;
    while (row < arch->ureg_count && arch->uregs[row].reg != reg)
        row++;
    return as_type(reading, word_type(reading), register_word(reading, row));
}

static struct node *float_word(const struct reading *reading, unsigned bytes,
                               uint32_t number, uint32_t word) {
    struct node *value =
        register_word(reading, reading->script->arch->ureg_count +
                                   arch_float_word(bytes, number, word));
    value->type = word_type(reading);
    return value;
}

// *(type *)address
static struct node *at_address(const struct reading *reading,
                               const struct type *type, struct node *address) {
    struct node *value = new_node(reading, NODE_UNARY, type);
    value->op = TOKEN_MUL;
    value->a = as_type(
        reading, type_derived(reading->script, TYPE_POINTER, type, 0), address);
    value->is_lvalue = true;
    value->size += value->a->size;
    return value;
}

static struct node *stack_address(const struct reading *reading, uint64_t off) {
    const struct abi *abi = &reading->script->arch->abi;
    return binary(reading, TOKEN_ADD, general_word(reading, abi->sp),
                  constant(reading, (uint64_t)abi->first_stack_arg + off));
}

static struct node *call(const struct reading *reading, struct str name,
                         struct node *const values[WORDS_MOST]) {
    struct node *node = new_node(reading, NODE_CALL, word_type(reading));
    struct node **end = &node->list;
    node->builtin = builtin_find(name);
    for (unsigned i = 0; i < WORDS_MOST; i++, end = &(*end)->next) {
        *end = values[i] ? values[i] : constant(reading, 0);
        node->size += (*end)->size;
    }
    return node;
}

// The shortest form that has the piece, and of what a register of them holds a
// part of, the first.
static unsigned form_bytes(const struct reading *reading,
                           const struct piece *piece) {
    const struct float_form *form = reading->script->arch->abi.float_forms;
    while (piece->from == PIECE_X87 ? form->bytes != piece->len
                                    : form->bytes < piece->len)
        form++;
    return form->bytes;
}

// Eight bytes of a piece, from `word` words behind its start, as a number.
static struct node *piece_word(const struct reading *reading,
                               const struct piece *piece, uint32_t word) {
    if (piece->from == PIECE_GENERAL)
        return general_word(reading, reading->registers[piece->number]);
    return float_word(reading, form_bytes(reading, piece), piece->number, word);
}

// Puts `len` bytes of a value among the words, where memory has them from `off`
// on: in one word, or, of what is packed, the rest in the next.
static void put_bytes(const struct reading *reading, struct node *value,
                      uint32_t off, uint32_t len, struct node **words) {
    bool is_big = reading->script->arch->order == ORDER_BIG;
    uint32_t within = off % WORD;
    uint32_t shift = (is_big ? WORD - within - len : within) * 8;
    struct node **word = &words[off / WORD];
    struct node *low =
        shift ? binary(reading, TOKEN_SHL, value, constant(reading, shift))
              : value;
    *word = *word ? binary(reading, TOKEN_OR, *word, low) : low;
    if (within + len > WORD)
        word[1] = binary(reading, TOKEN_SHR, value,
                         constant(reading, (WORD - within) * 8));
}

static void put_piece(const struct reading *reading, const struct piece *piece,
                      struct node **words) {
    for (uint32_t at = 0; at < piece->len; at += WORD) {
        uint32_t rest = piece->len - at, len = rest < WORD ? rest : WORD;
        struct node *value = piece_word(reading, piece, at / WORD);
        if (len < WORD)
            value = binary(reading, TOKEN_AND, value,
                           constant(reading, ((uint64_t)1 << len * 8) - 1));
        put_bytes(reading, value, piece->at + at, len, words);
    }
}

// The address of what registers hold of a value of `size` bytes.
static struct node *put_together(const struct reading *reading,
                                 struct node **words, uint64_t size) {
    uint64_t half = (uint64_t)WORDS_MOST * WORD;
    struct node *first = call(reading, STR("__passed"), words);
    if (size <= half)
        return first;
    struct node *both[WORDS_MOST] = {
        first, constant(reading, half),
        call(reading, STR("__passed"), words + WORDS_MOST),
        constant(reading, half)};
    return call(reading, STR("__passed_on"), both);
}

static struct node *in_registers(const struct reading *reading,
                                 const struct type *type,
                                 const struct place *place) {
    struct node *words[2 * WORDS_MOST] = {NULL};
    uint64_t size = type_size(reading->script, type), held = 0;
    for (uint32_t i = 0; i < place->count; i++) {
        put_piece(reading, &place->pieces[i], words);
        held += place->pieces[i].len;
    }
    if (type_is_scalar(type)) {
        struct node *value = words[0] ? words[0] : constant(reading, 0);
        if (reading->script->arch->order == ORDER_BIG && size < WORD)
            value = binary(reading, TOKEN_SHR, value,
                           constant(reading, (WORD - size) * 8));
        return as_type(reading, type, value);
    }
    struct node *address = put_together(reading, words, size);
    if (place->kind == PLACE_SPLIT) {
        struct node *both[WORDS_MOST] = {address, constant(reading, held),
                                         stack_address(reading, 0),
                                         constant(reading, size - held)};
        address = call(reading, STR("__passed_on"), both);
    }
    return at_address(reading, type, address);
}

// As it was when the function was called.
static struct node *returned_address(const struct reading *reading) {
    struct node *address = new_node(reading, NODE_NAME, word_type(reading));
    address->builtin = builtin_find(STR("__returned"));
    return address;
}

static struct node *by_reference(const struct reading *reading,
                                 const struct type *type,
                                 const struct place *place) {
    const struct type *word = type_basic(reading->script, BASIC_ULONG);
    struct node *address;
    if (place->is_forgotten)
        address = returned_address(reading);
    else if (place->count)
        address = piece_word(reading, &place->pieces[0], 0);
    else
        address = at_address(reading, word, stack_address(reading, place->off));
    return at_address(reading, type, address);
}

static struct node *read_place(const struct reading *reading,
                               const struct type *type,
                               const struct place *place) {
    switch ((enum place_kind)place->kind) {
    case PLACE_UNKNOWN: break;
    case PLACE_REGISTERS:
    case PLACE_SPLIT: return in_registers(reading, type, place);
    case PLACE_STACK:
        return at_address(reading, type, stack_address(reading, place->off));
    case PLACE_REFERENCE: return by_reference(reading, type, place);
    }
    return NULL;
}

void passed_arguments(struct script *script, const struct type *function,
                      struct span span, struct probe_arguments *out) {
    struct passing passing = passing_arguments(script, function);
    struct reading reading = {script, script->arch->abi.args, span};
    for (uint32_t i = 0; i < function->parameter_count && i < PROBE_ARGS_MOST;
         i++) {
        const struct type *type = function->parameters[i].type;
        struct place place;
        passing_place(&passing, type, &place);
        bool is_arg = place.kind == PLACE_REGISTERS && place.count == 1 &&
                      place.pieces[0].from == PIECE_GENERAL &&
                      type_is_scalar(type);
        out->types[out->count++] = type;
        if (is_arg)
            out->registers[i] = place.pieces[0].number + 1;
        else
            out->values[i] = read_place(&reading, type, &place);
        if (function->is_private)
            out->lacks[i] = "is where the compiler of the function alone knows";
        else if (place.kind == PLACE_UNKNOWN)
            out->lacks[i] = "is, or is behind one, that the ABI has no place "
                            "for";
    }
}

void passed_result(struct script *script, const struct type *function,
                   struct span span, struct probe_arguments *out) {
    const struct type *type = function->of;
    struct passing passing = passing_result(script, function);
    struct reading reading = {script, script->arch->abi.results, span};
    struct place place;
    passing_place(&passing, type, &place);
    out->types[RESULT_ARGS] = type;
    bool is_arg = place.kind == PLACE_REGISTERS && place.count == 1 &&
                  place.pieces[0].from == PIECE_GENERAL && type_is_scalar(type);
    if (is_arg)
        return;
    if (function->is_private)
        out->lacks[RESULT_ARGS] =
            "is where the compiler of the function alone knows";
    else if (place.kind == PLACE_UNKNOWN)
        out->lacks[RESULT_ARGS] = "is where the ABI does not tell";
    else
        out->values[RESULT_ARGS] = read_place(&reading, type, &place);
}
