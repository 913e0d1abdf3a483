// passed.c: where the arguments of a function of the program are at its entry.
//
// Integers and pointers take the registers for them in turn, floating-point
// numbers those for them, and what finds none lies on the stack, one behind the
// other. A structure takes registers if it is small and there are enough, word
// by word; a large one is copied onto the stack. A function that returns a
// large one is given its address ahead of all arguments.
//
// Other machines pass the address of a large one, and have a register of its
// own for where a large result goes. There a structure of up to four floating-
// point numbers of one kind takes registers for these, and once one does not
// fit no later one takes what registers are left. Machines of 32 bits have
// rules of their own (passed_words.c).

#include "script/script.h"

#define SMALL_WORDS  2 // of structures in registers
#define PASSED_WORDS 4 // of what is put together, see __passed

struct passing {
    struct script *script;
    uint32_t integers, floats, stack; // registers and words that are taken
    uint32_t most_integers;
};

// Damaged debug information may have a structure within itself.
static bool is_finite(const struct type *type, uint32_t *parts) {
    enum { MOST = 4096 };
    while (type->kind == TYPE_ARRAY)
        type = type->of;
    if (++*parts > MOST)
        return false;
    if (type->kind != TYPE_STRUCT && type->kind != TYPE_UNION)
        return true;
    userland_read(type->tagged);
    for (uint32_t i = 0; i < type->tagged->member_count; i++)
        if (type->tagged->members[i].type &&
            !is_finite(type->tagged->members[i].type, parts))
            return false;
    return true;
}

// How a word of a structure is passed.
struct word_classes {
    bool has_integer[SMALL_WORDS], has_float[SMALL_WORDS];
    bool is_memory;
};

static void classify(struct script *script, const struct type *type,
                     uint64_t off, struct word_classes *classes);

static void classify_members(struct script *script, const struct type *type,
                             uint64_t off, struct word_classes *classes) {
    struct tagged *tagged = type->tagged;
    userland_read(tagged);
    for (uint32_t i = 0; i < tagged->member_count; i++) {
        const struct member *member = &tagged->members[i];
        uint64_t bits = off * 8 + member->off_bits;
        if (!member->type)
            continue;
        if (member->width > 0 && bits < SMALL_WORDS * 64)
            classes->has_integer[bits / 64] = true;
        else
            classify(script, member->type, bits / 8, classes);
    }
}

static void classify(struct script *script, const struct type *type,
                     uint64_t off, struct word_classes *classes) {
    uint64_t size = type_size(script, type), word = off / 8;
    if (type->kind == TYPE_FLOAT && type->bits > 64)
        classes->is_memory = true;
    if (size == 0 || classes->is_memory)
        return;
    // What is packed lies where no register could take it.
    bool is_aligned = off % type_align(script, type) == 0;
    if (off + size > SMALL_WORDS * 8 || !is_aligned) {
        classes->is_memory = true;
    } else if (type->kind == TYPE_STRUCT || type->kind == TYPE_UNION) {
        classify_members(script, type, off, classes);
    } else if (type->kind == TYPE_ARRAY) {
        uint64_t step = size / type->count;
        for (uint64_t i = 0; i < type->count && !classes->is_memory; i++)
            classify(script, type->of, off + i * step, classes);
    } else if (type->kind == TYPE_FLOAT) {
        classes->has_float[word] = true;
    } else {
        classes->has_integer[word] = true;
        classes->has_integer[(off + size - 1) / 8] = true;
    }
}

static struct word_classes classes_of(struct script *script,
                                      const struct type *type) {
    struct word_classes classes = {.is_memory = false};
    classify(script, type, 0, &classes);
    return classes;
}

// --- expressions ---

static struct node *new_node(struct script *script, enum node_kind kind,
                             const struct type *type, struct span span) {
    struct node *node = ARENA_NEW(script->arena, struct node);
    *node = (struct node){.kind = (uint8_t)kind, .span = span, .type = type};
    return node;
}

uint64_t passed_row(const struct arch *arch, uint8_t reg) {
    uint64_t row = 0;
    while (row < arch->ureg_count && arch->uregs[row].reg != reg)
        row++;
    return row;
}

static struct node *word_of_register(struct script *script, uint64_t row,
                                     struct span span) {
    struct node *word =
        new_node(script, NODE_NAME, type_basic(script, BASIC_ULONG), span);
    word->builtin = builtin_find(STR("uregs"));
    word->value = row;
    return word;
}

// *(type *)address
static struct node *at_address(struct script *script, const struct type *type,
                               struct node *address) {
    struct span span = address->span;
    struct node *pointer = new_node(
        script, NODE_CAST, type_derived(script, TYPE_POINTER, type, 0), span);
    pointer->named = pointer->type;
    pointer->a = address;
    struct node *value = new_node(script, NODE_UNARY, type, span);
    value->op = TOKEN_MUL;
    value->a = pointer;
    value->is_lvalue = true;
    value->size = 5;
    return value;
}

struct node *passed_at_register(struct script *script, const struct type *type,
                                uint8_t reg, uint64_t off, struct span span) {
    const struct type *address = type_basic(script, BASIC_ULONG);
    struct node *distance = new_node(script, NODE_INTEGER, address, span);
    check_set_constant(distance, off);
    struct node *sum = new_node(script, NODE_BINARY, address, span);
    sum->op = TOKEN_ADD;
    sum->a = word_of_register(script, passed_row(script->arch, reg), span);
    sum->b = distance;
    return at_address(script, type, sum);
}

static struct node *on_stack(struct passing *passing, const struct type *type,
                             uint64_t off, struct span span) {
    uint8_t sp = passing->script->arch->abi.sp;
    return passed_at_register(passing->script, type, sp, off, span);
}

// --- in registers ---

// What registers hold of an argument, word by word; NULL: nothing.
struct passed_words {
    struct node *words[PASSED_WORDS];
    struct span span;
};

static struct node *integer_word(struct passing *passing, uint32_t number,
                                 struct span span) {
    const struct arch *arch = passing->script->arch;
    return word_of_register(passing->script,
                            passed_row(arch, arch->abi.args[number]), span);
}

// Rows of uregs[] that no script names are these registers.
static struct node *float_word(struct passing *passing, uint32_t number,
                               struct span span) {
    return word_of_register(passing->script,
                            passing->script->arch->ureg_count + number, span);
}

// Where words are as wide as registers and the first lies first in memory, they
// are put there, and are what the type says. NULL: this is no such machine.
static struct node *of_words(struct passing *passing, const struct type *type,
                             const struct passed_words *passed) {
    const struct script *script = passing->script;
    const struct type *word = type_basic(script, BASIC_ULONG);
    if (script->arch->bits != 64 || script->arch->order != ORDER_LITTLE)
        return NULL;
    struct node *call =
        new_node(passing->script, NODE_CALL, word, passed->span);
    struct node **end = &call->list;
    call->builtin = builtin_find(STR("__passed"));
    for (unsigned i = 0; i < PASSED_WORDS; i++, end = &(*end)->next) {
        *end = passed->words[i];
        if (*end)
            continue;
        *end = new_node(passing->script, NODE_INTEGER, word, passed->span);
        check_set_constant(*end, 0);
    }
    return at_address(passing->script, type, call);
}

static void pass_words(struct passing *passing, uint32_t n,
                       const struct passed_words *passed,
                       struct probe_arguments *out) {
    out->values[n] = of_words(passing, out->types[n], passed);
    out->is_apart[n] = out->values[n] == NULL;
}

static bool reads_floats(const struct passing *passing) {
    return passing->script->arch->abi.float_read != NULL;
}

static void pass_float(struct passing *passing, uint32_t n, struct span span,
                       struct probe_arguments *out) {
    struct passed_words passed = {.span = span};
    uint32_t number = passing->floats++;
    passed.words[0] = float_word(passing, number, span);
    out->is_apart[n] = true;
    if (reads_floats(passing) && out->types[n]->bits <= 64)
        pass_words(passing, n, &passed, out);
}

// --- places ---

static void pass_on_stack(struct passing *passing, uint32_t n, struct span span,
                          struct probe_arguments *out) {
    struct script *script = passing->script;
    const struct abi *abi = &script->arch->abi;
    const struct type *type = out->types[n];
    uint64_t size = type_size(script, type), step = abi->stack_arg_step;
    if (type_align(script, type) > step)
        passing->stack += passing->stack % 2;
    uint64_t off = (uint64_t)abi->first_stack_arg + passing->stack * step;
    out->values[n] = on_stack(passing, type, off, span);
    passing->stack += (uint32_t)((size + step - 1) / step);
}

// --- large ones by reference ---

bool passed_count_floats(struct script *script, const struct type *type,
                         uint32_t *count, uint32_t *bits) {
    if (type->kind == TYPE_FLOAT) {
        bool is_same = *count == 0 || *bits == type->bits;
        *bits = type->bits;
        ++*count;
        return is_same;
    }
    if (type->kind == TYPE_ARRAY) {
        for (uint64_t i = 0; i < type->count && *count <= 4; i++)
            if (!passed_count_floats(script, type->of, count, bits))
                return false;
        return true;
    }
    if (type->kind != TYPE_STRUCT)
        return false;
    userland_read(type->tagged);
    for (uint32_t i = 0; i < type->tagged->member_count; i++)
        if (!type->tagged->members[i].type ||
            !passed_count_floats(script, type->tagged->members[i].type, count,
                                 bits))
            return false;
    return true;
}

static bool takes_floats(struct passing *passing, const struct type *type,
                         uint32_t *count, uint32_t *bits) {
    *count = *bits = 0;
    return passed_count_floats(passing->script, type, count, bits) &&
           *count >= 1 && *count <= 4;
}

// Two numbers of 32 bits share a word.
static struct node *half_words(struct passing *passing, uint32_t number,
                               bool has_second, struct span span) {
    const struct type *type = type_basic(passing->script, BASIC_ULONG);
    struct node *low = new_node(passing->script, NODE_BINARY, type, span);
    low->op = TOKEN_AND;
    low->a = float_word(passing, number, span);
    low->b = new_node(passing->script, NODE_INTEGER, type, span);
    check_set_constant(low->b, UINT32_MAX);
    if (!has_second)
        return low;
    struct node *high = new_node(passing->script, NODE_BINARY, type, span);
    high->op = TOKEN_SHL;
    high->a = float_word(passing, number + 1, span);
    high->b = new_node(passing->script, NODE_INTEGER, type, span);
    check_set_constant(high->b, 32);
    struct node *both = new_node(passing->script, NODE_BINARY, type, span);
    both->op = TOKEN_OR;
    both->a = high;
    both->b = low;
    return both;
}

// In `count` registers of one kind, all of them or none.
static bool take_registers(struct passing *passing, uint32_t n, uint32_t *taken,
                           uint32_t count, uint32_t most, struct span span,
                           struct probe_arguments *out) {
    bool fits = *taken + count <= most;
    *taken = fits ? *taken + count : most;
    if (!fits)
        pass_on_stack(passing, n, span, out);
    return fits;
}

static void pass_in_integers(struct passing *passing, uint32_t n,
                             uint32_t count, struct span span,
                             struct probe_arguments *out) {
    struct passed_words passed = {.span = span};
    uint32_t first = passing->integers;
    if (!take_registers(passing, n, &passing->integers, count,
                        passing->most_integers, span, out))
        return;
    for (uint32_t i = 0; i < count; i++)
        passed.words[i] = integer_word(passing, first + i, span);
    pass_words(passing, n, &passed, out);
}

static void pass_in_floats(struct passing *passing, uint32_t n, uint32_t count,
                           uint32_t bits, struct span span,
                           struct probe_arguments *out) {
    struct passed_words passed = {.span = span};
    uint32_t first = passing->floats;
    if (!take_registers(passing, n, &passing->floats, count,
                        passing->script->arch->abi.float_args, span, out))
        return;
    for (uint32_t i = 0; i < count; i += bits == 32 ? 2 : 1)
        passed.words[bits == 32 ? i / 2 : i] =
            bits == 32 ? half_words(passing, first + i, i + 1 < count, span)
                       : float_word(passing, first + i, span);
    out->is_apart[n] = true;
    if (reads_floats(passing) && (bits == 32 || bits == 64))
        pass_words(passing, n, &passed, out);
}

static void pass_reference(struct passing *passing, uint32_t n,
                           struct span span, struct probe_arguments *out) {
    const struct abi *abi = &passing->script->arch->abi;
    const struct type *type = out->types[n];
    if (passing->integers < passing->most_integers) {
        uint8_t reg = abi->args[passing->integers++];
        out->values[n] =
            passed_at_register(passing->script, type, reg, 0, span);
        return;
    }
    uint64_t off =
        (uint64_t)abi->first_stack_arg + passing->stack++ * abi->stack_arg_step;
    const struct type *pointer =
        type_derived(passing->script, TYPE_POINTER, type, 0);
    struct node *value = new_node(passing->script, NODE_UNARY, type, span);
    value->op = TOKEN_MUL;
    value->a = on_stack(passing, pointer, off, span);
    value->is_lvalue = true;
    value->size = 6;
    out->values[n] = value;
}

static void pass_by_reference(struct passing *passing, uint32_t n,
                              struct span span, struct probe_arguments *out) {
    const struct type *type = out->types[n];
    uint64_t size = type_size(passing->script, type);
    uint32_t floats, bits, words = (uint32_t)((size + 7) / 8);
    if (takes_floats(passing, type, &floats, &bits)) {
        pass_in_floats(passing, n, floats, bits, span, out);
    } else if (words > SMALL_WORDS) {
        pass_reference(passing, n, span, out);
    } else {
        if (type_align(passing->script, type) > 8)
            passing->integers += passing->integers % 2;
        pass_in_integers(passing, n, words, span, out);
    }
}

static void pass_structure(struct passing *passing, uint32_t n,
                           struct span span, struct probe_arguments *out) {
    struct word_classes classes = classes_of(passing->script, out->types[n]);
    uint32_t integers = 0, floats = 0;
    for (uint32_t i = 0; i < SMALL_WORDS; i++) {
        integers += classes.has_integer[i];
        floats += classes.has_float[i] && !classes.has_integer[i];
    }
    bool fits =
        passing->integers + integers <= passing->most_integers &&
        passing->floats + floats <= passing->script->arch->abi.float_args;
    bool by_both = passing->script->arch->abi.structures == STRUCTURES_BY_BOTH;
    if (classes.is_memory && by_both) {
        pass_reference(passing, n, span, out);
        return;
    }
    bool has_part = by_both && !fits && floats == 0 &&
                    passing->integers < passing->most_integers;
    if (has_part) {
        passing->stack += passing->integers + integers - passing->most_integers;
        passing->integers = passing->most_integers;
        out->is_apart[n] = true;
        return;
    }
    if (classes.is_memory || !fits) {
        pass_on_stack(passing, n, span, out);
        return;
    }
    struct passed_words passed = {.span = span};
    for (uint32_t i = 0; i < SMALL_WORDS; i++) {
        if (classes.has_integer[i])
            passed.words[i] = integer_word(passing, passing->integers++, span);
        else if (classes.has_float[i])
            passed.words[i] = float_word(passing, passing->floats++, span);
    }
    out->is_apart[n] = true;
    if (floats == 0 || (reads_floats(passing) && !by_both))
        pass_words(passing, n, &passed, out);
}

// C++'s classes that cannot be copied word by word are passed by their address,
// and so is what has one of those within.
static bool is_by_reference(const struct type *type) {
    while (type->kind == TYPE_ARRAY)
        type = type->of;
    if (type->kind != TYPE_STRUCT && type->kind != TYPE_UNION)
        return false;
    if (type->tagged->is_by_reference)
        return true;
    userland_read(type->tagged);
    for (uint32_t i = 0; i < type->tagged->member_count; i++)
        if (type->tagged->members[i].type &&
            is_by_reference(type->tagged->members[i].type))
            return true;
    return false;
}

static void pass(struct passing *passing, uint32_t n, struct span span,
                 struct probe_arguments *out) {
    const struct type *type = out->types[n];
    const struct abi *abi = &passing->script->arch->abi;
    bool by_reference = abi->structures == STRUCTURES_BY_REFERENCE;
    bool is_float =
        type->kind == TYPE_FLOAT && (type->bits <= 64 || by_reference);
    bool is_pair = abi->structures == STRUCTURES_BY_BOTH &&
                   type->kind == TYPE_FLOAT && type->bits > 64;
    uint32_t parts = 0;
    if (!is_finite(type, &parts)) {
        out->is_apart[n] = true;
    } else if (is_by_reference(type)) {
        pass_reference(passing, n, span, out);
    } else if (is_pair) {
        passing->integers += passing->integers % 2;
        pass_in_integers(passing, n, SMALL_WORDS, span, out);
    } else if (type_is_scalar(type) &&
               passing->integers < passing->most_integers) {
        out->registers[n] = ++passing->integers;
    } else if (is_float &&
               passing->floats < passing->script->arch->abi.float_args) {
        pass_float(passing, n, span, out);
    } else if (type_is_scalar(type) || type->kind == TYPE_FLOAT) {
        pass_on_stack(passing, n, span, out);
    } else if (by_reference) {
        pass_by_reference(passing, n, span, out);
    } else {
        pass_structure(passing, n, span, out);
    }
}

static bool returns_memory(struct script *script, const struct type *type) {
    uint32_t parts = 0;
    bool is_tagged = type->kind == TYPE_STRUCT || type->kind == TYPE_UNION;
    return is_tagged && is_finite(type, &parts) &&
           (is_by_reference(type) || classes_of(script, type).is_memory);
}

void passed_arguments(struct script *script, const struct type *function,
                      struct span span, struct probe_arguments *out) {
    struct passing passing = {.script = script};
    const struct abi *abi = &script->arch->abi;
    if (abi->structures == STRUCTURES_BY_WORDS ||
        abi->structures == STRUCTURES_BY_ADDRESS) {
        passed_in_words(script, function, span, out);
        return;
    }
    while (passing.most_integers < COUNT_OF(abi->args) &&
           abi->args[passing.most_integers] != REG_NONE)
        passing.most_integers++;
    if (abi->structures != STRUCTURES_BY_REFERENCE)
        passing.integers = returns_memory(script, function->of);
    for (uint32_t i = 0; i < function->parameter_count && i < PROBE_ARGS_MOST;
         i++) {
        out->types[out->count++] = function->parameters[i].type;
        pass(&passing, i, span, out);
    }
}

struct node *passed_result(struct script *script, const struct type *type,
                           struct span span) {
    struct passing passing = {.script = script};
    struct passed_words passed = {.span = span};
    if (script->arch->bits == 32)
        return passed_result_in_words(script, type);
    if (type->kind != TYPE_FLOAT || type->bits > 64 || !reads_floats(&passing))
        return NULL;
    passed.words[0] = float_word(&passing, 0, span);
    return of_words(&passing, type, &passed);
}
