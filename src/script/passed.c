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

#define SMALL_WORDS 2 // of structures in registers

struct passing {
    struct script *script;
    uint32_t integers, floats, stack; // registers and words that are taken
    uint32_t most_integers;
};

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
    for (uint32_t i = 0; i < tagged->member_count; i++)
        if (tagged->members[i].type)
            classify(script, tagged->members[i].type,
                     off + tagged->members[i].off_bits / 8, classes);
}

static void classify(struct script *script, const struct type *type,
                     uint64_t off, struct word_classes *classes) {
    uint64_t size = type_size(script, type), word = off / 8;
    if (type->kind == TYPE_FLOAT && type->bits > 64)
        classes->is_memory = true;
    if (size == 0 || classes->is_memory)
        return;
    if (off + size > SMALL_WORDS * 8) {
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

struct node *passed_at_register(struct script *script, const struct type *type,
                                uint8_t reg, uint64_t off, struct span span) {
    const struct type *address = type_basic(script, BASIC_ULONG);
    struct node *sp = new_node(script, NODE_NAME, address, span);
    sp->builtin = builtin_find(STR("uregs"));
    sp->value = passed_row(script->arch, reg);
    struct node *distance = new_node(script, NODE_INTEGER, address, span);
    check_set_constant(distance, off);
    struct node *sum = new_node(script, NODE_BINARY, address, span);
    sum->op = TOKEN_ADD;
    sum->a = sp;
    sum->b = distance;
    struct node *pointer = new_node(
        script, NODE_CAST, type_derived(script, TYPE_POINTER, type, 0), span);
    pointer->named = pointer->type;
    pointer->a = sum;
    struct node *value = new_node(script, NODE_UNARY, type, span);
    value->op = TOKEN_MUL;
    value->a = pointer;
    value->is_lvalue = true;
    value->size = 5;
    return value;
}

static struct node *on_stack(struct passing *passing, const struct type *type,
                             uint64_t off, struct span span) {
    uint8_t sp = passing->script->arch->abi.sp;
    return passed_at_register(passing->script, type, sp, off, span);
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
                         uint32_t *count) {
    uint32_t bits = 0;
    *count = 0;
    return passed_count_floats(passing->script, type, count, &bits) &&
           *count >= 1 && *count <= 4;
}

// In `count` registers of one kind, all of them or none.
static void pass_in_registers(struct passing *passing, uint32_t n,
                              uint32_t *taken, uint32_t count, uint32_t most,
                              struct span span, struct probe_arguments *out) {
    if (*taken + count <= most) {
        *taken += count;
        out->is_apart[n] = true;
        return;
    }
    *taken = most;
    pass_on_stack(passing, n, span, out);
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
    const struct abi *abi = &passing->script->arch->abi;
    const struct type *type = out->types[n];
    uint64_t size = type_size(passing->script, type);
    uint32_t floats, words = (uint32_t)((size + 7) / 8);
    if (takes_floats(passing, type, &floats)) {
        pass_in_registers(passing, n, &passing->floats, floats, abi->float_args,
                          span, out);
    } else if (words > SMALL_WORDS) {
        pass_reference(passing, n, span, out);
    } else {
        if (type_align(passing->script, type) > 8)
            passing->integers += passing->integers % 2;
        pass_in_registers(passing, n, &passing->integers, words,
                          passing->most_integers, span, out);
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
    passing->integers += integers;
    passing->floats += floats;
    out->is_apart[n] = true;
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
    if (is_pair) {
        passing->integers += passing->integers % 2;
        pass_in_registers(passing, n, &passing->integers, SMALL_WORDS,
                          passing->most_integers, span, out);
    } else if (type_is_scalar(type) &&
               passing->integers < passing->most_integers) {
        out->registers[n] = ++passing->integers;
    } else if (is_float &&
               passing->floats < passing->script->arch->abi.float_args) {
        passing->floats++;
        out->is_apart[n] = true;
    } else if (type_is_scalar(type) || type->kind == TYPE_FLOAT) {
        pass_on_stack(passing, n, span, out);
    } else if (by_reference) {
        pass_by_reference(passing, n, span, out);
    } else {
        pass_structure(passing, n, span, out);
    }
}

static bool returns_memory(struct script *script, const struct type *type) {
    bool is_tagged = type->kind == TYPE_STRUCT || type->kind == TYPE_UNION;
    return is_tagged && classes_of(script, type).is_memory;
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
