// passed_rules.c: where a value is passed, by its shape and the ABI's table.
//
// The registers that are taken are counted, and so is the stack. A row of the
// table says how a kind of value is passed, and how that goes on when there are
// too few registers. What no row says of is passed by that of a simpler kind.
// Structures of x86-64 and RISC-V ask for a closer look at what they consist
// of.

#include "script/passed.h"

static const struct passing_rules *rules_of(const struct passing *passing) {
    return passing_table(passing->arch);
}

static uint64_t word_len(const struct passing *passing) {
    return passing->arch->bits / 8u;
}

static uint32_t words_of(const struct passing *passing, uint64_t size) {
    return (uint32_t)((size * 8 + passing->arch->bits - 1u) /
                      passing->arch->bits);
}

// --- places ---

static void add_piece(struct place *out, enum piece_from from, uint32_t number,
                      uint64_t at, uint64_t len) {
    out->pieces[out->count++] = (struct piece){.from = (uint8_t)from,
                                               .number = number,
                                               .at = (uint8_t)at,
                                               .len = (uint8_t)len};
}

static uint64_t take_stack(struct passing *passing, uint64_t size,
                           uint64_t align) {
    uint64_t word = word_len(passing), most = 2 * word;
    uint64_t step = align < word ? word : align > most ? most : align;
    uint64_t off = (passing->stack + step - 1) & ~(step - 1);
    passing->stack = off + ((size + word - 1) & ~(word - 1));
    return off;
}

static uint64_t align_of(const struct passing *passing,
                         const struct shape *shape) {
    return rules_of(passing)->heeds_asked ? shape->aligned : shape->align;
}

static void put_aligned(struct passing *passing, const struct shape *shape,
                        uint64_t align, struct place *out) {
    out->kind = PLACE_STACK;
    out->off = take_stack(passing, shape->size, align);
    // A number shorter than a word is at the end that counts.
    bool is_big = passing->arch->order == ORDER_BIG;
    if (is_big && shape->size < word_len(passing))
        out->off += word_len(passing) - shape->size;
}

static void put_on_stack(struct passing *passing, const struct shape *shape,
                         struct place *out) {
    put_aligned(passing, shape, align_of(passing, shape), out);
}

static void put_address(struct passing *passing, struct place *out) {
    out->kind = PLACE_REFERENCE;
    if (passing->general < passing->general_most)
        add_piece(out, PIECE_GENERAL, passing->general++, 0, 0);
    else
        out->off = take_stack(passing, word_len(passing), 1);
}

// Whether what registers are left is left for good. LLVM's way was another one
// up to 17, and others are not known.
static bool ends_registers(struct passing *passing, uint8_t how) {
    const struct compiler *compiler = &passing->compiler;
    bool is_llvm = compiler->kind == COMPILER_LLVM;
    if (how & LAST_OF_LLVM)
        passing->is_lost |=
            is_llvm ? compiler->version < 18 : compiler->kind != COMPILER_GNU;
    return how & LAST || (how & LAST_OF_LLVM && is_llvm);
}

static void put_in_general(struct passing *passing, const struct shape *shape,
                           uint8_t how, struct place *out) {
    uint64_t word = word_len(passing);
    uint32_t count = words_of(passing, shape->size);
    uint64_t align = align_of(passing, shape);
    bool is_even = (how & EVEN && align > word) || (how & PAIRS && count == 2);
    uint32_t first = passing->general + (is_even ? passing->general % 2 : 0);
    uint32_t left =
        first < passing->general_most ? passing->general_most - first : 0;
    bool is_split =
        how & SPLIT && left > 0 && count > left && passing->stack == 0;
    if (count > left && !is_split) {
        if (ends_registers(passing, how))
            passing->general = passing->general_most;
        if (how & PAIRS)
            align = count == 2 ? 2 * word : word;
        put_aligned(passing, shape, align, out);
        return;
    }
    out->kind = is_split ? PLACE_SPLIT : PLACE_REGISTERS;
    for (uint32_t i = 0; i < count && i < left; i++) {
        uint64_t rest = shape->size - i * word;
        add_piece(out, PIECE_GENERAL, first + i, i * word,
                  rest < word ? rest : word);
    }
    passing->general = first + out->count;
    if (is_split)
        take_stack(passing, shape->size - left * word, 1);
}

// Registers side by side, as many as that, the first a multiple of `step`.
static bool take_floats(struct passing *passing, uint32_t count, uint32_t step,
                        uint32_t *first) {
    uint32_t mask = ((uint32_t)1 << count) - 1;
    for (uint32_t i = 0; i + count <= passing->arch->abi.float_args; i += step)
        if (!(passing->floats & mask << i)) {
            passing->floats |= mask << i;
            *first = i;
            return true;
        }
    return false;
}

// The widest numbers, in bits, that registers of their own are for.
static unsigned float_bits(const struct passing *passing) {
    const struct image *program = passing->script->outside->program;
    if (passing->is_variadic && rules_of(passing)->is_variadic_plain)
        return 0;
    return program ? program->float_bits : 64;
}

static bool has_floats(const struct passing *passing,
                       const struct shape *shape) {
    unsigned bits = float_bits(passing);
    return bits == 64 || shape->leaves[0].len * 8u <= bits;
}

// False: there are none left.
static bool put_in_floats(struct passing *passing, const struct shape *shape,
                          struct place *out) {
    const struct passing_rules *rules = rules_of(passing);
    uint32_t len = shape->leaves[0].len, first;
    uint32_t part = rules->has_singles && len > 4  ? 4
                    : rules->has_halves && len > 8 ? 8
                                                   : len;
    uint32_t count = (uint32_t)(shape->size / part);
    uint32_t step = rules->has_singles ? len / part : 1;
    if (!take_floats(passing, count, step ? step : 1, &first))
        return false;
    out->kind = PLACE_REGISTERS;
    for (uint32_t i = 0; i < count; i++)
        add_piece(out, PIECE_FLOAT, first + i, i * part, part);
    return true;
}

// --- x86-64 ---

enum word_class { CLASS_NONE, CLASS_FLOAT, CLASS_UPPER, CLASS_INTEGER };

static uint8_t merged(uint8_t a, uint8_t b) {
    if (a == CLASS_NONE || a == b)
        return b;
    return a == CLASS_INTEGER || b == CLASS_INTEGER ? CLASS_INTEGER
                                                    : CLASS_FLOAT;
}

static void classify(const struct shape *shape, uint8_t classes[2]) {
    classes[0] = classes[1] = CLASS_NONE;
    for (size_t i = 0; i < shape->leaf_count; i++) {
        const struct leaf *leaf = &shape->leaves[i];
        for (uint32_t word = leaf->off / 8;
             word < 2 && word * 8 < leaf->off + leaf->len; word++) {
            uint8_t class = leaf->kind <= LEAF_POINTER ? CLASS_INTEGER
                            : word * 8 > leaf->off     ? CLASS_UPPER
                                                       : CLASS_FLOAT;
            classes[word] = merged(classes[word], class);
        }
    }
    if (classes[1] == CLASS_UPPER && classes[0] != CLASS_FLOAT)
        classes[1] = CLASS_FLOAT;
}

static void put_by_classes(struct passing *passing, const struct shape *shape,
                           const uint8_t classes[2], struct place *out) {
    uint32_t first;
    out->kind = PLACE_REGISTERS;
    for (uint32_t i = 0; i < 2; i++) {
        uint64_t rest = shape->size - i * 8, len = rest < 8 ? rest : 8;
        if (classes[i] == CLASS_INTEGER) {
            add_piece(out, PIECE_GENERAL, passing->general++, i * 8, len);
        } else if (classes[i] == CLASS_FLOAT) {
            bool is_whole = i == 0 && classes[1] == CLASS_UPPER;
            take_floats(passing, 1, 1, &first);
            add_piece(out, PIECE_FLOAT, first, i * 8, is_whole ? 16 : len);
        }
    }
}

static bool is_left_on_x87(const struct passing *passing,
                           const struct shape *shape, struct place *out) {
    for (size_t i = 0; i < shape->leaf_count; i++)
        if (shape->leaves[i].kind != LEAF_X87)
            return false;
    if (!passing->is_result || shape->leaf_count != shape->size / 16 ||
        shape->size % 16 != 0)
        return false;
    out->kind = PLACE_REGISTERS;
    for (uint32_t i = 0; i < shape->leaf_count; i++)
        add_piece(out, PIECE_X87, i, i * 16u, 10);
    return true;
}

static void put_in_classes(struct passing *passing, const struct shape *shape,
                           struct place *out) {
    uint8_t classes[2];
    uint32_t general = 0, floats = 0, free = 0;
    bool is_memory = shape->size > 16 || shape->is_packed;
    for (size_t i = 0; i < shape->leaf_count; i++)
        is_memory |= shape->leaves[i].kind == LEAF_X87;
    classify(shape, classes);
    for (uint32_t i = 0; i < 2; i++) {
        general += classes[i] == CLASS_INTEGER;
        floats += classes[i] == CLASS_FLOAT;
    }
    for (uint32_t i = 0; i < passing->arch->abi.float_args; i++)
        free += !(passing->floats >> i & 1);
    bool fits =
        passing->general + general <= passing->general_most && floats <= free;
    if (shape->leaf_count && is_left_on_x87(passing, shape, out))
        return;
    if (is_memory && passing->is_result)
        put_address(passing, out);
    else if (is_memory || !fits)
        put_on_stack(passing, shape, out);
    else
        put_by_classes(passing, shape, classes, out);
}

// --- RISC-V ---

// Whether the leaves are one or two numbers, and at least one of them has a
// register for floating point. A pointer is none.
static bool put_in_parts(struct passing *passing, const struct shape *shape,
                         struct place *out) {
    uint32_t floats = 0, first;
    unsigned bits = float_bits(passing);
    if (shape->leaf_count == 0 || shape->leaf_count > 2 || shape->has_union)
        return false;
    for (size_t i = 0; i < shape->leaf_count; i++) {
        const struct leaf *leaf = &shape->leaves[i];
        bool is_float = leaf->kind == LEAF_FLOAT && leaf->len * 8u <= bits;
        if (!is_float && (leaf->kind != LEAF_INTEGER || leaf->len > 8))
            return false;
        floats += is_float;
    }
    uint32_t general = (uint32_t)shape->leaf_count - floats;
    struct passing ahead = *passing;
    for (uint32_t i = 0; i < floats; i++)
        if (!take_floats(&ahead, 1, 1, &first))
            return false;
    if (floats == 0 || passing->general + general > passing->general_most)
        return false;
    out->kind = PLACE_REGISTERS;
    for (size_t i = 0; i < shape->leaf_count; i++) {
        const struct leaf *leaf = &shape->leaves[i];
        bool is_float = leaf->kind == LEAF_FLOAT;
        uint32_t number = passing->general;
        if (is_float)
            take_floats(passing, 1, 1, &number);
        else
            passing->general++;
        add_piece(out, is_float ? PIECE_FLOAT : PIECE_GENERAL, number,
                  leaf->off, leaf->len);
    }
    return true;
}

// --- any machine ---

// The kind by which a value is passed that its own has no row for, or that no
// floating-point registers are there for.
static enum shape_kind simpler(const struct passing *passing,
                               const struct shape *shape,
                               enum shape_kind kind) {
    bool is_small = shape->size <= 2 * word_len(passing);
    switch (kind) {
    case SHAPE_FLOAT:
        return shape->size > word_len(passing) ? SHAPE_WIDE : SHAPE_INTEGER;
    case SHAPE_QUAD: return SHAPE_COMPLEX;
    default: return is_small ? SHAPE_SMALL : SHAPE_LARGE;
    }
}

static struct passing_row row_of(const struct passing *passing,
                                 const struct shape *shape) {
    const struct passing_rules *rules = rules_of(passing);
    const struct passing_row *rows =
        passing->is_result ? rules->results : rules->arguments;
    enum shape_kind kind = (enum shape_kind)shape->kind;
    // Two floating-point numbers are a structure of them, unless a row says
    // that they are not.
    if (kind == SHAPE_COMPLEX && rows[kind].way == BY_SIMPLER)
        kind = SHAPE_HOMOGENEOUS;
    while (rows[kind].way == BY_SIMPLER ||
           (rows[kind].way == IN_FLOATS && !has_floats(passing, shape)))
        kind = simpler(passing, shape, kind);
    return rows[kind];
}

static void put_by_row(struct passing *passing, const struct shape *shape,
                       struct passing_row row, struct place *out) {
    switch ((enum passing_way)row.way) {
    case BY_SIMPLER: break;
    case IN_GENERAL: put_in_general(passing, shape, row.how, out); break;
    case IN_FLOATS:
        if (put_in_floats(passing, shape, out))
            break;
        if (row.how & LAST)
            passing->floats = UINT32_MAX;
        if (row.how & OR_GENERAL)
            put_in_general(passing, shape, 0, out);
        else
            put_on_stack(passing, shape, out);
        break;
    case IN_CLASSES: put_in_classes(passing, shape, out); break;
    case IN_PARTS:
        if (!put_in_parts(passing, shape, out))
            put_in_general(passing, shape, row.how, out);
        break;
    case IN_WORD:
        if (shape->size > word_len(passing))
            put_address(passing, out);
        else
            put_in_general(passing, shape, 0, out);
        break;
    case ON_STACK: put_on_stack(passing, shape, out); break;
    case BY_ADDRESS: put_address(passing, out); break;
    }
}

// Of a structure that is open, LLVM says that it is memory, and gcc not.
static bool is_open(const struct passing *passing, const struct shape *shape) {
    return shape->is_open && rules_of(passing)->lacks_open &&
           passing->compiler.kind != COMPILER_GNU &&
           shape->size <= 2 * word_len(passing);
}

static bool knows_vector(const struct passing *passing,
                         const struct leaf *leaf) {
    const struct passing_rules *rules = rules_of(passing);
    const struct image *program = passing->script->outside->program;
    bool is_elsewhere = program && program->vector_bits == leaf->len * 8u;
    bool is_gnu = passing->compiler.kind == COMPILER_GNU;
    if (leaf->len > rules->vectors &&
        (rules->longer == LONGER_UNKNOWN ||
         (rules->longer == LONGER_BY_GNU && !is_gnu && !passing->is_result)))
        return false;
    return leaf->len >= 8 && leaf->len % 8 == 0 && !is_elsewhere &&
           (is_gnu || !rules->has_gnu_vectors);
}

static bool is_known(const struct passing *passing, const struct shape *shape) {
    for (size_t i = 0; i < shape->leaf_count; i++)
        if (shape->leaves[i].kind == LEAF_VECTOR &&
            !knows_vector(passing, &shape->leaves[i]))
            return false;
    return shape->kind != SHAPE_UNKNOWN && !is_open(passing, shape);
}

void passing_place(struct passing *passing, const struct type *type,
                   struct place *out) {
    struct shape shape;
    *out = (struct place){.kind = PLACE_UNKNOWN};
    shape_of(passing->script, type, &shape);
    passing->is_lost |= !is_known(passing, &shape);
    if (shape.kind == SHAPE_VECTOR && shape.size > rules_of(passing)->vectors)
        shape.kind = SHAPE_LARGE;
    if (!passing->is_lost)
        put_by_row(passing, &shape, row_of(passing, &shape), out);
    if (passing->is_lost)
        out->kind = PLACE_UNKNOWN;
    out->is_forgotten = passing->is_result && out->kind == PLACE_REFERENCE &&
                        !rules_of(passing)->leaves_address;
}

static uint32_t count_registers(const uint8_t *registers, uint32_t most) {
    uint32_t count = 0;
    while (count < most && registers[count] != REG_NONE)
        count++;
    return count;
}

struct passing passing_result(struct script *script,
                              const struct type *function) {
    const struct abi *abi = &script->arch->abi;
    return (struct passing){
        .script = script,
        .arch = script->arch,
        .compiler = function->compiler,
        .is_variadic = function->is_variadic,
        .is_result = true,
        .general_most = count_registers(abi->results, COUNT_OF(abi->results))};
}

struct passing passing_arguments(struct script *script,
                                 const struct type *function) {
    const struct abi *abi = &script->arch->abi;
    struct passing result = passing_result(script, function);
    struct place place = {.kind = PLACE_REGISTERS};
    if (function->of->kind != TYPE_VOID)
        passing_place(&result, function->of, &place);
    bool in_memory = place.kind == PLACE_REFERENCE &&
                     passing_table(script->arch)->has_result_argument;
    return (struct passing){
        .script = script,
        .arch = script->arch,
        .compiler = function->compiler,
        .is_variadic = function->is_variadic,
        .is_lost = result.is_lost,
        .general = in_memory,
        .general_most = count_registers(abi->args, COUNT_OF(abi->args))};
}
