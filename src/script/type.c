// type.c: the types of D and how they convert.
//
// Integers follow C: each has a width, a sign and a rank; what is narrower
// than int is promoted to int, and two operands meet at their common type. An
// enumeration is an int with names. A type made by a typedef is a copy under
// another name. Structs, unions and arrays have values too big for a register
// and are handled by address; so is long double. Floating-point numbers can be
// stored and shown, but not computed with.

#include "script/script.h"

enum { RANK_CHAR = 1, RANK_SHORT, RANK_INT, RANK_LONG, RANK_LLONG };

#define WORD_BITS 0 // in the table: as wide as an address of the target

static const struct {
    const char *name;
    uint8_t kind, bits;
    bool is_signed;
    uint8_t rank;
} basics[] = {
    [BASIC_ERROR] = {"(error)", TYPE_ERROR, 0, false, 0},
    [BASIC_VOID] = {"void", TYPE_VOID, 0, false, 0},
    [BASIC_STRING] = {"string", TYPE_STRING, 0, false, 0},
    [BASIC_CHAR] = {"char", TYPE_INTEGER, 8, true, RANK_CHAR},
    [BASIC_SCHAR] = {"signed char", TYPE_INTEGER, 8, true, RANK_CHAR},
    [BASIC_UCHAR] = {"unsigned char", TYPE_INTEGER, 8, false, RANK_CHAR},
    [BASIC_SHORT] = {"short", TYPE_INTEGER, 16, true, RANK_SHORT},
    [BASIC_USHORT] = {"unsigned short", TYPE_INTEGER, 16, false, RANK_SHORT},
    [BASIC_INT] = {"int", TYPE_INTEGER, 32, true, RANK_INT},
    [BASIC_UINT] = {"unsigned int", TYPE_INTEGER, 32, false, RANK_INT},
    [BASIC_LONG] = {"long", TYPE_INTEGER, WORD_BITS, true, RANK_LONG},
    [BASIC_ULONG] = {"unsigned long", TYPE_INTEGER, WORD_BITS, false,
                     RANK_LONG},
    [BASIC_LLONG] = {"long long", TYPE_INTEGER, 64, true, RANK_LLONG},
    [BASIC_ULLONG] = {"unsigned long long", TYPE_INTEGER, 64, false,
                      RANK_LLONG},
    [BASIC_FLOAT] = {"float", TYPE_FLOAT, 32, true, 0},
    [BASIC_DOUBLE] = {"double", TYPE_FLOAT, 64, true, 0},
    [BASIC_LDOUBLE] = {"long double", TYPE_FLOAT, 128, true, 0},
};
_Static_assert(COUNT_OF(basics) == BASIC_COUNT, "a row for every basic type");

// Names that DTrace knows without any header. INT64 is `long` where that has
// 64 bits, else `long long`.
#define NAMED_INT64  BASIC_COUNT
#define NAMED_UINT64 (BASIC_COUNT + 1)
static const struct {
    const char *name;
    uint8_t basic;
} named[] = {
    {"_Bool", BASIC_UCHAR},      {"__builtin_va_list", BASIC_ULONG},
    {"__s16", BASIC_SHORT},      {"__s32", BASIC_INT},
    {"__s64", BASIC_LLONG},      {"__s8", BASIC_SCHAR},
    {"__u16", BASIC_USHORT},     {"__u32", BASIC_UINT},
    {"__u64", BASIC_ULLONG},     {"__u8", BASIC_UCHAR},
    {"blkcnt_t", NAMED_INT64},   {"bool", BASIC_UCHAR},
    {"clock_t", BASIC_LONG},     {"dev_t", BASIC_ULONG},
    {"gid_t", BASIC_UINT},       {"hrtime_t", BASIC_LLONG},
    {"id_t", BASIC_INT},         {"ino_t", BASIC_ULONG},
    {"int16_t", BASIC_SHORT},    {"int32_t", BASIC_INT},
    {"int64_t", NAMED_INT64},    {"int8_t", BASIC_SCHAR},
    {"intmax_t", NAMED_INT64},   {"intptr_t", BASIC_LONG},
    {"ipaddr_t", BASIC_UINT},    {"key_t", BASIC_INT},
    {"longlong_t", BASIC_LLONG}, {"mode_t", BASIC_UINT},
    {"off_t", BASIC_LONG},       {"offset_t", BASIC_LLONG},
    {"pid_t", BASIC_INT},        {"processorid_t", BASIC_INT},
    {"psetid_t", BASIC_INT},     {"ptrdiff_t", BASIC_LONG},
    {"size_t", BASIC_ULONG},     {"ssize_t", BASIC_LONG},
    {"time_t", BASIC_LONG},      {"u_longlong_t", BASIC_ULLONG},
    {"uchar_t", BASIC_UCHAR},    {"uid_t", BASIC_UINT},
    {"uint16_t", BASIC_USHORT},  {"uint32_t", BASIC_UINT},
    {"uint64_t", NAMED_UINT64},  {"uint8_t", BASIC_UCHAR},
    {"uint_t", BASIC_UINT},      {"uintmax_t", NAMED_UINT64},
    {"uintptr_t", BASIC_ULONG},  {"ulong_t", BASIC_ULONG},
    {"ushort_t", BASIC_USHORT},  {"zoneid_t", BASIC_INT},
};

// Names of the Linux kernel's, which scripts know by its type information. They
// count where nobody else has a meaning for them.
static const struct {
    const char *name;
    uint8_t basic;
} kernel_named[] = {
    {"_Bool", BASIC_UCHAR},      {"__be16", BASIC_USHORT},
    {"__be32", BASIC_UINT},      {"__be64", BASIC_ULLONG},
    {"__s16", BASIC_SHORT},      {"__s32", BASIC_INT},
    {"__s64", BASIC_LLONG},      {"__s8", BASIC_SCHAR},
    {"__u16", BASIC_USHORT},     {"__u32", BASIC_UINT},
    {"__u64", BASIC_ULLONG},     {"__u8", BASIC_UCHAR},
    {"bool", BASIC_UCHAR},       {"loff_t", BASIC_LLONG},
    {"nlink_t", BASIC_UINT},     {"s16", BASIC_SHORT},
    {"s32", BASIC_INT},          {"s64", BASIC_LLONG},
    {"s8", BASIC_SCHAR},         {"sa_family_t", BASIC_USHORT},
    {"sector_t", BASIC_ULLONG},  {"timer_t", BASIC_INT},
    {"u16", BASIC_USHORT},       {"u32", BASIC_UINT},
    {"u64", BASIC_ULLONG},       {"u8", BASIC_UCHAR},
    {"u_char", BASIC_UCHAR},     {"u_int", BASIC_UINT},
    {"u_int16_t", BASIC_USHORT}, {"u_int32_t", BASIC_UINT},
    {"u_int64_t", BASIC_ULLONG}, {"u_int8_t", BASIC_UCHAR},
    {"u_long", BASIC_ULONG},     {"u_short", BASIC_USHORT},
    {"uint", BASIC_UINT},        {"ulong", BASIC_ULONG},
    {"umode_t", BASIC_USHORT},   {"unchar", BASIC_UCHAR},
    {"ushort", BASIC_USHORT},
};

const struct type *type_of_kernel(struct script *script, struct str name) {
    for (size_t i = 0; i < COUNT_OF(kernel_named); i++)
        if (str_is(name, kernel_named[i].name)) {
            struct type *type = ARENA_NEW(script->arena, struct type);
            *type = script->basic[kernel_named[i].basic];
            type->name = str_from(kernel_named[i].name);
            type->is_named = true;
            return type;
        }
    return NULL;
}

void types_init(struct script *script) {
    uint8_t word = script->arch ? script->arch->bits : 64;
    for (size_t i = 0; i < BASIC_COUNT; i++) {
        struct type *type = &script->basic[i];
        type->kind = basics[i].kind;
        type->is_signed = basics[i].is_signed;
        type->rank = basics[i].rank;
        type->name = str_from(basics[i].name);
        bool is_word =
            type->kind == TYPE_INTEGER && basics[i].bits == WORD_BITS;
        type->bits = is_word ? word : basics[i].bits;
        if (i == BASIC_LDOUBLE && script->arch &&
            script->arch->abi.wide_float == WIDE_FLOAT_NONE)
            type->bits = type_basic(script, BASIC_DOUBLE)->bits;
    }
    map_init(&script->named_types, script->arena);
    map_init(&script->tags, script->arena);
    map_init(&script->data_types, script->arena);
    map_init(&script->user_types, script->arena);
    for (size_t i = 0; i < COUNT_OF(named); i++) {
        struct type *type = ARENA_NEW(script->arena, struct type);
        unsigned basic = named[i].basic;
        if (basic == NAMED_INT64)
            basic = word == 64 ? BASIC_LONG : BASIC_LLONG;
        if (basic == NAMED_UINT64)
            basic = word == 64 ? BASIC_ULONG : BASIC_ULLONG;
        *type = script->basic[basic];
        type->name = str_from(named[i].name);
        map_put(&script->named_types, type->name, type);
    }
}

const struct type *type_basic(const struct script *script,
                              enum basic_type which) {
    return &script->basic[which];
}

const struct type *type_find(const struct script *script, struct str name) {
    return map_get(&script->named_types, name);
}

// The name of a derived type, from the inside out: `inner` is what stands where
// a declaration has the name.
static struct str derived_name(struct script *script, const struct type *type,
                               struct str inner) {
    if (type->is_named || !type->of)
        return str_format(script->arena, "%.*s%s%.*s", STR_ARGS(type->name),
                          inner.n ? " " : "", STR_ARGS(inner));
    bool wraps =
        type->kind == TYPE_POINTER && !type->of->is_named &&
        (type->of->kind == TYPE_ARRAY || type->of->kind == TYPE_FUNCTION);
    const char *format = type->kind == TYPE_FUNCTION  ? "%.*s()"
                         : type->kind != TYPE_POINTER ? "%.*s[]"
                         : wraps                      ? "(*%.*s)"
                                                      : "*%.*s";
    if (type->kind == TYPE_ARRAY && type->count)
        inner = str_format(script->arena, "%.*s[%llu]", STR_ARGS(inner),
                           (unsigned long long)type->count);
    else
        inner = str_format(script->arena, format, STR_ARGS(inner));
    return derived_name(script, type->of, inner);
}

const struct type *type_derived(struct script *script, enum type_kind kind,
                                const struct type *of, uint64_t count) {
    struct type *type = ARENA_NEW(script->arena, struct type);
    type->kind = (uint8_t)kind;
    type->of = of;
    type->count = count;
    type->name = derived_name(script, type, STR(""));
    return type;
}

bool type_equal(const struct type *a, const struct type *b) {
    if (a->kind != b->kind)
        return false;
    switch (a->kind) {
    case TYPE_INTEGER:
        return a->bits == b->bits && a->is_signed == b->is_signed;
    case TYPE_FLOAT: return a->bits == b->bits;
    case TYPE_POINTER: return type_equal(a->of, b->of);
    case TYPE_ARRAY: return a->count == b->count && type_equal(a->of, b->of);
    case TYPE_STRUCT:
    case TYPE_UNION:
    case TYPE_ENUM: return a->tagged == b->tagged;
    case TYPE_ASSOCIATIVE:
    case TYPE_TRANSLATED: return a == b;
    default: return true; // as DTrace has it, all functions are one type
    }
}

const struct type *type_translated(struct script *script,
                                   const struct type *of) {
    struct type *type = ARENA_NEW(script->arena, struct type);
    type->kind = TYPE_TRANSLATED;
    type->of = of;
    type->is_named = true;
    type->name =
        str_format(script->arena, "translated %.*s", STR_ARGS(of->name));
    return type;
}

bool type_is_error(const struct type *type) {
    return type->kind == TYPE_ERROR;
}

bool type_is_integer(const struct type *type) {
    return type->kind == TYPE_INTEGER || type->kind == TYPE_ENUM;
}

bool type_is_string(const struct type *type) {
    return type->kind == TYPE_STRING;
}

bool type_is_scalar(const struct type *type) {
    return type_is_integer(type) || type->kind == TYPE_POINTER;
}

bool type_is_pointer(const struct type *type) {
    return type->kind == TYPE_POINTER || type->kind == TYPE_ARRAY;
}

bool type_is_unsized_pointer(const struct type *type) {
    return type->kind == TYPE_POINTER &&
           (type->of->kind == TYPE_VOID || type->of->kind == TYPE_FUNCTION);
}

bool type_is_text(const struct type *type) {
    return type_is_string(type) ||
           (type_is_pointer(type) && type->of->kind == TYPE_INTEGER &&
            type->of->rank == RANK_CHAR && type->of->is_signed);
}

bool type_is_block(const struct type *type) {
    return type->kind == TYPE_STRUCT || type->kind == TYPE_UNION ||
           type->kind == TYPE_ARRAY ||
           (type->kind == TYPE_FLOAT && type->bits > 64);
}

const struct type *type_promoted(const struct script *script,
                                 const struct type *type) {
    return type->rank < RANK_INT || type->kind == TYPE_ENUM
               ? type_basic(script, BASIC_INT)
               : type;
}

const struct type *type_of_field(struct script *script,
                                 const struct member *member) {
    struct type *type = ARENA_NEW(script->arena, struct type);
    *type = *member->type;
    if (member->width < script->basic[BASIC_INT].bits)
        type->rank = RANK_SHORT; // an int holds all of its values
    return type;
}

const struct type *type_common(const struct script *script,
                               const struct type *a, const struct type *b) {
    a = type_promoted(script, a);
    b = type_promoted(script, b);
    if (a->is_signed == b->is_signed)
        return a->rank >= b->rank ? a : b;
    const struct type *u = a->is_signed ? b : a, *s = a->is_signed ? a : b;
    if (u->rank >= s->rank)
        return u;
    if (s->bits > u->bits)
        return s;
    return type_basic(script,
                      s->rank == RANK_LONG ? BASIC_ULONG : BASIC_ULLONG);
}

const struct type *type_of_literal(const struct script *script, uint64_t value,
                                   uint8_t form) {
    static const uint8_t ladder[] = {BASIC_INT,   BASIC_UINT,  BASIC_LONG,
                                     BASIC_ULONG, BASIC_LLONG, BASIC_ULLONG};
    size_t first = form & LITERAL_LONG_LONG ? 4 : form & LITERAL_LONG ? 2 : 0;
    if (form & LITERAL_CHARACTER)
        return type_basic(script, ladder[first]);
    for (size_t i = first; i < COUNT_OF(ladder); i++) {
        const struct type *type = type_basic(script, ladder[i]);
        // A decimal becomes unsigned only if it says so.
        bool allowed = type->is_signed ? !(form & LITERAL_UNSIGNED)
                                       : !(form & LITERAL_DECIMAL) ||
                                             (form & LITERAL_UNSIGNED);
        unsigned bits = type->bits - type->is_signed;
        if (allowed && (bits >= 64 || value >> bits == 0))
            return type;
    }
    return type_basic(script, BASIC_ULLONG);
}

struct ir_type type_to_ir(const struct type *type) {
    switch (type->kind) {
    case TYPE_INTEGER:
    case TYPE_ENUM:
        return (struct ir_type){IR_INT, type->bits, type->is_signed};
    case TYPE_STRING: return IR_TYPE_STRING;
    case TYPE_POINTER: return IR_TYPE_U64;
    case TYPE_FLOAT:
        if (type->bits > 64)
            return IR_TYPE_BLOCK;
        return (struct ir_type){IR_INT, type->bits, false};
    case TYPE_STRUCT:
    case TYPE_UNION:
    case TYPE_ARRAY: return IR_TYPE_BLOCK;
    default: return (struct ir_type){IR_VOID, 0, false};
    }
}

const struct type *type_from_ir(const struct script *script,
                                struct ir_type type) {
    if (type.kind == IR_STRING)
        return type_basic(script, BASIC_STRING);
    for (unsigned i = BASIC_SCHAR; i <= BASIC_ULLONG; i++)
        if (type.kind == IR_INT && script->basic[i].bits == type.bits &&
            script->basic[i].is_signed == type.is_signed)
            return &script->basic[i];
    return type_basic(script, BASIC_VOID);
}

// Both of a type: its size and its alignment, as the C compilers of the target
// have them.
static uint64_t word_size(const struct script *script) {
    return script->basic[BASIC_LONG].bits / 8u;
}

uint64_t type_size(const struct script *script, const struct type *type) {
    switch (type->kind) {
    case TYPE_INTEGER:
    case TYPE_FLOAT: return type->bits / 8u;
    case TYPE_STRING: return script->out->strsize;
    case TYPE_POINTER: return word_size(script);
    case TYPE_ARRAY: return type->count * type_size(script, type->of);
    case TYPE_STRUCT:
    case TYPE_UNION:
    case TYPE_ENUM: return type->tagged->size;
    case TYPE_TRANSLATED: return type_size(script, type->of);
    default: return 0;
    }
}

uint64_t type_align(const struct script *script, const struct type *type) {
    switch (type->kind) {
    case TYPE_STRING: return 1;
    case TYPE_ARRAY:
        return type->stands_for == STANDS_FOR_ITSELF ||
                       type->stands_for == STANDS_FOR_COMPLEX || !type->count
                   ? type_align(script, type->of)
                   : type_size(script, type);
    case TYPE_STRUCT:
    case TYPE_UNION: userland_read(type->tagged); return type->tagged->align;
    default: {
        uint64_t size = type_size(script, type);
        return size ? size : 1;
    }
    }
}
