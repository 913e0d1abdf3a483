// format.c: formats against the arguments they are given.
//
// ir/format.c has made pieces of the text; here each conversion is held
// against the type of its argument, with DTrace's tags and words. printf()
// wants exactly the arguments that its format takes; in printa() they are the
// keys of the aggregation, and there may be more.

#include "ir/format.h"
#include "script/script.h"

// What a conversion takes, as messages show it.
static const char *const takes_words[] = {
    [FORMAT_TAKES_NOTHING] = "",
    [FORMAT_TAKES_INT] = "char, short, int, long, or long long",
    [FORMAT_TAKES_SMALL] = "char, short, or int",
    [FORMAT_TAKES_ADDRESS] = "pointer or integer",
    [FORMAT_TAKES_FLOAT] = "float, double, or long double",
    [FORMAT_TAKES_TEXT] = "char [] or string (or use stringof)",
    [FORMAT_TAKES_WIDE] = "wchar_t []",
    [FORMAT_TAKES_STACK] = "stack",
    [FORMAT_TAKES_TIME] = "int64_t",
};

static const char *exact_word(const struct format_row *row) {
    bool is_unsigned = row->sign == FORMAT_SIGN_UNSIGNED;
    switch (row->bits) {
    case 16: return is_unsigned ? "unsigned short" : "short";
    case 32: return "int";
    case 64:
        if (row->name[1] == 'l')
            return is_unsigned ? "unsigned long long" : "long long";
        return is_unsigned ? "unsigned long" : "long";
    default: return "long double";
    }
}

static const char *wanted_word(const struct format_row *row) {
    bool is_exact = row->bits && (row->takes == FORMAT_TAKES_INT ||
                                  row->takes == FORMAT_TAKES_FLOAT);
    return is_exact ? exact_word(row) : takes_words[row->takes];
}

// As wide as the target has it: long and long double differ.
static unsigned row_bits(const struct script *script,
                         const struct format_row *row) {
    bool is_long = row->name[0] == 'l' && row->name[1] != 'l';
    return is_long && row->takes == FORMAT_TAKES_INT && row->bits
               ? type_basic(script, BASIC_LONG)->bits
           : row->takes == FORMAT_TAKES_FLOAT && row->bits > 64
               ? type_basic(script, BASIC_LDOUBLE)->bits
               : row->bits;
}

static bool suits_integer(const struct format_row *row, unsigned wanted,
                          unsigned bits, bool is_signed) {
    return (!wanted || wanted == bits) &&
           (row->sign == FORMAT_SIGN_EITHER ||
            (row->sign == FORMAT_SIGN_SIGNED) == is_signed);
}

static bool is_array_of(const struct type *type, unsigned bits) {
    return type->kind == TYPE_ARRAY && type_is_integer(type->of) &&
           type->of->bits == bits;
}

static bool suits(const struct script *script, const struct format_row *row,
                  const struct type *type) {
    unsigned bits = row_bits(script, row);
    switch ((enum format_takes)row->takes) {
    case FORMAT_TAKES_INT:
        return type_is_integer(type) &&
               suits_integer(row, bits, type->bits, type->is_signed);
    case FORMAT_TAKES_SMALL: return type_is_integer(type) && type->bits <= 32;
    case FORMAT_TAKES_ADDRESS: return type_is_scalar(type);
    case FORMAT_TAKES_FLOAT:
        return type->kind == TYPE_FLOAT && (!bits || bits == type->bits);
    case FORMAT_TAKES_TEXT: return type_is_string(type) || is_array_of(type, 8);
    case FORMAT_TAKES_WIDE: return is_array_of(type, 32);
    case FORMAT_TAKES_TIME: return type_is_integer(type) && type->bits == 64;
    default: return false;
    }
}

// A call being checked.
struct checking {
    struct script *script;
    struct node *call;
    const char *name;  // of the function
    struct node *next; // argument that is not taken yet
    unsigned number;   // of it, from 1
};

static bool fail_missing(const struct checking *checking,
                         const struct format_piece *piece, enum tag tag,
                         const char *what) {
    diag_error(checking->script->diag, tag, checking->call->span,
               "%s( ) prototype mismatch: conversion #%u (%%%s) is missing a "
               "corresponding %s argument",
               checking->name, piece->number,
               format_row((enum format_conversion)piece->conversion)->name,
               what);
    return false;
}

static bool fail_type(const struct checking *checking, struct span span,
                      const struct format_piece *piece, enum tag tag,
                      const char *conversion, const char *wanted,
                      struct str found) {
    diag_error(checking->script->diag, tag, span,
               "%s( ) argument #%u is incompatible with conversion #%u "
               "prototype:\n\tconversion: %%%s\n\t prototype: %s\n"
               "\t  argument: %.*s",
               checking->name, checking->number, piece->number, conversion,
               wanted, STR_ARGS(found));
    return false;
}

static const struct type *type_of(const struct checking *checking,
                                  struct node *argument) {
    if (check_is_aggregation(argument) || call_is_action(argument))
        return type_basic(checking->script, BASIC_VOID);
    return check_expr(checking->script, argument);
}

static struct str type_word(const struct type *type,
                            const struct node *argument) {
    return check_is_aggregation(argument) ? STR("aggregation") : type->name;
}

// The argument of a '*'.
static bool check_star(struct checking *checking,
                       const struct format_piece *piece, const char *star) {
    struct node *argument = checking->next;
    const char *name =
        format_row((enum format_conversion)piece->conversion)->name;
    if (!argument)
        return fail_missing(checking, piece, D_PRINTF_DYN_PROTO,
                            star[0] == '.' ? "\".*\"" : "\"*\"");
    const struct type *type = type_of(checking, argument);
    if (type_is_error(type))
        return false;
    if (!type_is_integer(type)) {
        struct str conversion =
            str_format(checking->script->arena, " %s %s", star, name);
        return fail_type(checking, argument->span, piece, D_PRINTF_DYN_TYPE,
                         conversion.p, "int", type_word(type, argument));
    }
    checking->next = argument->next;
    checking->number++;
    return true;
}

// stack() and usym() and their like.
static bool check_key_call(struct checking *checking,
                           const struct format_piece *piece,
                           const struct builtin *call) {
    struct node *argument = checking->next;
    const struct format_row *row =
        format_row((enum format_conversion)piece->conversion);
    bool fits = action_is_stack(call) ? row->takes == FORMAT_TAKES_STACK
                                      : row->takes == FORMAT_TAKES_ADDRESS &&
                                            piece->letter != 'p';
    if (!fits)
        return fail_type(checking, argument->span, piece, D_PRINTF_ARG_TYPE,
                         row->name, wanted_word(row),
                         action_key_word((enum ir_action_kind)call->action));
    checking->next = argument->next;
    checking->number++;
    return action_check_key(checking->script, argument, call);
}

static bool check_value(struct checking *checking,
                        const struct format_piece *piece) {
    struct node *argument = checking->next;
    const struct format_row *row =
        format_row((enum format_conversion)piece->conversion);
    if (!argument)
        return fail_missing(checking, piece, D_PRINTF_ARG_PROTO, "value");
    const struct builtin *call = action_key_call(argument);
    if (call)
        return check_key_call(checking, piece, call);
    const struct type *type = type_of(checking, argument);
    if (type_is_error(type))
        return false;
    if (!suits(checking->script, row, type))
        return fail_type(checking, argument->span, piece, D_PRINTF_ARG_TYPE,
                         row->name, wanted_word(row),
                         type_word(type, argument));
    checking->next = argument->next;
    checking->number++;
    return true;
}

static bool check_piece(struct checking *checking,
                        const struct format_piece *piece) {
    if (!piece->conversion)
        return true;
    if ((piece->flags & FORMAT_WIDTH_ARGUMENT) &&
        !check_star(checking, piece, "*"))
        return false;
    if ((piece->flags & FORMAT_PRECISION_ARGUMENT) &&
        !check_star(checking, piece, ".*"))
        return false;
    if (!(piece->flags & FORMAT_AGGREGATION))
        return check_value(checking, piece);
    diag_error(checking->script->diag, D_PRINTF_AGG_CONV, checking->call->span,
               "%%@ conversion requires an aggregation and is not for use with "
               "%s( )",
               checking->name);
    return false;
}

static bool parse(struct script *script, const struct node *text,
                  struct format *format) {
    *format = format_parse(script->arena, text->text);
    if (format->problem)
        diag_error(script->diag, D_SYNTAX, text->span, "%s", format->problem);
    return !format->problem;
}

bool format_check(struct script *script, struct node *call,
                  const struct builtin *builtin) {
    struct node *text = call->list;
    struct format format;
    if (!text->text.n && builtin->action != IR_ACTION_FREOPEN) {
        diag_error(script->diag, D_PRINTF_FMT_EMPTY, text->span,
                   "%s( ) format string is empty", builtin->name);
        return false;
    }
    if (!parse(script, text, &format))
        return false;
    struct checking checking = {script, call, builtin->name, text->next, 2};
    for (uint32_t i = 0; i < format.count; i++)
        if (!check_piece(&checking, &format.pieces[i]))
            return false;
    if (!checking.next)
        return true;
    diag_error(script->diag, D_PRINTF_ARG_EXTRA, checking.next->span,
               "%s( ) prototype mismatch: only %u arguments required by this "
               "format string",
               builtin->name, format.argument_count);
    return false;
}

// --- printa ---

static bool suits_key(const struct script *script, const struct format_row *row,
                      const struct ir_aggregation *aggregation, uint32_t i) {
    struct ir_type type = aggregation->key_types[i];
    bool is_integer = type.kind == IR_INT;
    switch (aggregation_key_action(aggregation, i)) {
    case IR_ACTION_STACK:
    case IR_ACTION_USTACK:
    case IR_ACTION_JSTACK: return row->takes == FORMAT_TAKES_STACK;
    case IR_ACTION_TRACE: break;
    default: return row->takes == FORMAT_TAKES_ADDRESS && row->name[0] != 'p';
    }
    switch ((enum format_takes)row->takes) {
    case FORMAT_TAKES_INT:
        return is_integer && suits_integer(row, row_bits(script, row),
                                           type.bits, type.is_signed);
    case FORMAT_TAKES_SMALL: return is_integer && type.bits <= 32;
    case FORMAT_TAKES_ADDRESS: return is_integer;
    case FORMAT_TAKES_TEXT: return type.kind == IR_STRING;
    case FORMAT_TAKES_TIME: return is_integer && type.bits == 64;
    default: return false;
    }
}

// What the pieces of a format take of the keys, one behind the other.
struct keys {
    struct checking *checking;
    const struct ir_aggregation *aggregation;
    uint32_t next;
};

// The key of a '*'.
static bool check_key_star(struct keys *keys, const struct format_piece *piece,
                           const char *star) {
    const struct ir_aggregation *aggregation = keys->aggregation;
    struct checking *checking = keys->checking;
    if (keys->next == aggregation->key_count)
        return fail_missing(checking, piece, D_PRINTF_DYN_PROTO,
                            star[0] == '.' ? "\".*\"" : "\"*\"");
    uint32_t key = keys->next++;
    bool is_value = aggregation_key_action(aggregation, key) == IR_ACTION_TRACE;
    if (is_value && aggregation->key_types[key].kind == IR_INT)
        return true;
    const char *name =
        format_row((enum format_conversion)piece->conversion)->name;
    struct str conversion =
        str_format(checking->script->arena, " %s %s", star, name);
    checking->number = key + 2;
    return fail_type(checking, checking->call->list->span, piece,
                     D_PRINTF_DYN_TYPE, conversion.p, "int",
                     aggregation_key_word(checking->script, aggregation, key));
}

static bool check_key(struct keys *keys, const struct format_piece *piece) {
    const struct ir_aggregation *aggregation = keys->aggregation;
    struct checking *checking = keys->checking;
    const struct format_row *row =
        format_row((enum format_conversion)piece->conversion);
    if ((piece->flags & FORMAT_WIDTH_ARGUMENT) &&
        !check_key_star(keys, piece, "*"))
        return false;
    if ((piece->flags & FORMAT_PRECISION_ARGUMENT) &&
        !check_key_star(keys, piece, ".*"))
        return false;
    if (!piece->conversion || (piece->flags & FORMAT_AGGREGATION))
        return true;
    if (keys->next == aggregation->key_count)
        return fail_missing(checking, piece, D_PRINTF_ARG_PROTO, "value");
    uint32_t key = keys->next++;
    checking->number = key + 2;
    return suits_key(checking->script, row, aggregation, key) ||
           fail_type(checking, checking->call->list->span, piece,
                     D_PRINTF_ARG_TYPE, row->name, wanted_word(row),
                     aggregation_key_word(checking->script, aggregation, key));
}

bool format_check_keys(struct script *script, struct node *call,
                       const struct ir_aggregation *aggregation) {
    struct node *text = call->list;
    struct format format;
    if (!text->text.n) {
        diag_error(script->diag, D_PRINTF_FMT_EMPTY, text->span,
                   "printa( ) format string is empty");
        return false;
    }
    if (!parse(script, text, &format))
        return false;
    struct checking checking = {script, call, "printa", NULL, 2};
    struct keys keys = {&checking, aggregation, 0};
    for (uint32_t i = 0; i < format.count; i++)
        if (!check_key(&keys, &format.pieces[i]))
            return false;
    return true;
}
