// passed_words.c: the same where registers are of 32 bits: ARM's AAPCS, and
// System V of PowerPC.
//
// A number of 64 bits takes two registers, the first of an even number (counted
// from 0), or it lies on the stack, aligned, and no later argument takes a
// register:
//
//     int f(int a, long long b, int c)
//         ARM      a r0    b r2 low, r3 high    c at sp
//         PowerPC  a r3    b r5 high, r6 low    c r7
//
// AAPCS passes a structure word by word, the first in registers and the rest on
// the stack if it began in registers and nothing is there; one of up to four
// floating-point numbers of one kind takes registers for these. Those are
// counted in single ones, and what an alignment left out is filled later.
// PowerPC passes the address of every structure, and returns all in memory.

#include "script/script.h"

enum { WORD = 4, PAIR = 8 };

struct words {
    struct script *script;
    struct span span;
    struct probe_arguments *out;
    uint32_t taken, most; // registers for integers
    uint32_t stack;       // bytes
    uint32_t floats;      // registers for floating point, a bit each
    bool by_address;
};

// --- places ---

static void on_stack(struct words *words, uint32_t n, uint64_t size,
                     uint64_t align) {
    const struct abi *abi = &words->script->arch->abi;
    uint64_t off = (uint64_t)abi->first_stack_arg + words->stack;
    if (align > WORD)
        off = (off + PAIR - 1) & ~(uint64_t)(PAIR - 1);
    // A number shorter than a word is at the end that counts.
    bool is_big = words->script->arch->order == ORDER_BIG;
    uint64_t ahead = is_big && size < WORD ? WORD - size : 0;
    words->out->values[n] = passed_at_register(
        words->script, words->out->types[n], abi->sp, off + ahead, words->span);
    off += (size + WORD - 1) & ~(uint64_t)(WORD - 1);
    words->stack = (uint32_t)(off - (uint64_t)abi->first_stack_arg);
}

// (type)((unsigned long long)uregs[high] << 32 | (unsigned int)uregs[low])
static struct node *of_pair(struct script *script, const struct type *type,
                            uint8_t first, uint8_t second) {
    const struct arch *arch = script->arch;
    bool is_big = arch->order == ORDER_BIG;
    unsigned high = (unsigned)passed_row(arch, is_big ? first : second);
    unsigned low = (unsigned)passed_row(arch, is_big ? second : first);
    struct probe_arguments parsed = {.count = 0};
    probe_arguments_parse(script,
                          str_format(script->arena,
                                     "(unsigned long long)uregs[%u] << 32 | "
                                     "(unsigned int)uregs[%u]",
                                     high, low),
                          &parsed);
    struct node *cast = ARENA_NEW(script->arena, struct node);
    *cast = (struct node){.kind = NODE_CAST,
                          .span = parsed.values[0]->span,
                          .type = type,
                          .named = type,
                          .a = parsed.values[0],
                          .size = parsed.values[0]->size + 1};
    return cast;
}

static void pass_integer(struct words *words, uint32_t n, uint64_t size) {
    const struct abi *abi = &words->script->arch->abi;
    const struct type *type = words->out->types[n];
    uint32_t count = size > WORD ? 2 : 1;
    words->taken += count > 1 ? words->taken % 2 : 0;
    if (words->taken + count > words->most) {
        words->taken = words->most;
        on_stack(words, n, size, size);
    } else if (count > 1) {
        words->out->values[n] =
            of_pair(words->script, type, abi->args[words->taken],
                    abi->args[words->taken + 1]);
    } else {
        words->out->registers[n] = words->taken + 1;
    }
    if (words->taken < words->most)
        words->taken += count;
}

// `count` registers side by side, of `step` single ones each.
static bool take_floats(struct words *words, uint32_t count, uint32_t step) {
    uint32_t most = words->script->arch->abi.float_args;
    uint32_t len = count * step, mask = ((uint32_t)1 << len) - 1;
    for (uint32_t i = 0; i + len <= most; i += step)
        if (!(words->floats & (mask << i))) {
            words->floats |= mask << i;
            return true;
        }
    words->floats = UINT32_MAX;
    return false;
}

static void pass_floats(struct words *words, uint32_t n, uint32_t count,
                        uint32_t bits) {
    const struct type *type = words->out->types[n];
    uint32_t step = words->by_address ? 1 + (bits > 64) : bits / 32;
    words->out->is_apart[n] = take_floats(words, count, step);
    if (!words->out->is_apart[n])
        on_stack(words, n, type_size(words->script, type),
                 type_align(words->script, type));
}

static void pass_address(struct words *words, uint32_t n) {
    struct script *script = words->script;
    const struct abi *abi = &script->arch->abi;
    const struct type *type = words->out->types[n];
    if (words->taken < words->most) {
        words->out->values[n] = passed_at_register(
            script, type, abi->args[words->taken++], 0, words->span);
        return;
    }
    words->out->types[n] = type_derived(script, TYPE_POINTER, type, 0);
    on_stack(words, n, WORD, WORD);
    words->out->types[n] = type;
    struct node *value = ARENA_NEW(script->arena, struct node);
    *value = (struct node){.kind = NODE_UNARY,
                           .span = words->span,
                           .type = type,
                           .op = TOKEN_MUL,
                           .a = words->out->values[n],
                           .is_lvalue = true,
                           .size = 6};
    words->out->values[n] = value;
}

static void pass_words(struct words *words, uint32_t n) {
    const struct type *type = words->out->types[n];
    uint64_t size = type_size(words->script, type);
    uint64_t align = type_align(words->script, type);
    uint32_t count = (uint32_t)((size + WORD - 1) / WORD);
    words->taken += align > WORD ? words->taken % 2 : 0;
    if (words->taken + count <= words->most) {
        words->taken += count;
        words->out->is_apart[n] = count > 0;
    } else if (words->taken < words->most && words->stack == 0) {
        words->stack = WORD * (words->taken + count - words->most);
        words->taken = words->most;
        words->out->is_apart[n] = true;
    } else {
        words->taken = words->most;
        on_stack(words, n, size, align);
    }
}

// --- functions ---

static bool is_tagged(const struct type *type) {
    return type->kind == TYPE_STRUCT || type->kind == TYPE_UNION;
}

static bool is_of_floats(struct script *script, const struct type *type,
                         uint32_t *count, uint32_t *bits) {
    *count = *bits = 0;
    return type->kind == TYPE_STRUCT &&
           passed_count_floats(script, type, count, bits) && *count >= 1 &&
           *count <= 4;
}

static void pass(struct words *words, uint32_t n) {
    struct script *script = words->script;
    const struct type *type = words->out->types[n];
    uint32_t count, bits;
    if (type->kind == TYPE_FLOAT)
        pass_floats(words, n, 1, type->bits);
    else if (!is_tagged(type))
        pass_integer(words, n, type_size(script, type));
    else if (words->by_address)
        pass_address(words, n);
    else if (is_of_floats(script, type, &count, &bits))
        pass_floats(words, n, count, bits);
    else
        pass_words(words, n);
}

static bool returns_memory(const struct words *words, const struct type *type) {
    uint32_t count, bits;
    if (!is_tagged(type) || words->by_address)
        return is_tagged(type);
    return type_size(words->script, type) > WORD &&
           !is_of_floats(words->script, type, &count, &bits);
}

void passed_in_words(struct script *script, const struct type *function,
                     struct span span, struct probe_arguments *out) {
    const struct abi *abi = &script->arch->abi;
    struct words words = {.script = script,
                          .span = span,
                          .out = out,
                          .by_address =
                              abi->structures == STRUCTURES_BY_ADDRESS};
    while (words.most < COUNT_OF(abi->args) &&
           abi->args[words.most] != REG_NONE)
        words.most++;
    words.taken = returns_memory(&words, function->of);
    for (uint32_t i = 0; i < function->parameter_count && i < PROBE_ARGS_MOST;
         i++) {
        out->types[out->count++] = function->parameters[i].type;
        pass(&words, i);
    }
}

struct node *passed_result_in_words(struct script *script,
                                    const struct type *type) {
    const struct abi *abi = &script->arch->abi;
    if (!type_is_scalar(type) || type_size(script, type) <= WORD)
        return NULL;
    return of_pair(script, type, abi->args[0], abi->args[1]);
}
