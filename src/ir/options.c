// options.c: the values of options are read and kept.
//
// Names and words are compared without regard to case. A value that does not
// suit is refused before anything is changed.

#include <strings.h>

#include "ir/options.h"

enum option_value {
    VALUE_FLAG,
    VALUE_MARK,
    VALUE_COUNT,
    VALUE_SIZE,
    VALUE_RATE,
    VALUE_POLICY,
    VALUE_RESIZE,
    VALUE_EVALTIME,
    VALUE_STDC,
    VALUE_ENCODING,
    VALUE_LATE,
    VALUE_LINKMODE,
    VALUE_LINKTYPE,
    VALUE_ATTRIBUTES,
    VALUE_VERSION,
    VALUE_TEXT
};
enum option_when { WHEN_OUTSIDE, WHEN_COMPILE, WHEN_START, WHEN_ANY };

static const struct option_row {
    const char *name;
    uint8_t value, when;
    int64_t preset;
    const char *inert; // why it governs nothing; NULL: it does
} rows[] = {
#define OPTION(name, value, when, preset)                                      \
    {#name, VALUE_##value, WHEN_##when, preset, NULL},
#define INERT(name, value, when, preset, reason)                               \
    {#name, VALUE_##value, WHEN_##when, preset, reason},
#define REFUSED(name, reason)
#include "ir/options.def"
#undef OPTION
#undef INERT
#undef REFUSED
};
_Static_assert(COUNT_OF(rows) == IR_OPTION_COUNT, "a row for each");

static const struct {
    const char *name, *reason;
} refused[] = {
#define OPTION(name, value, when, preset)
#define INERT(name, value, when, preset, reason)
#define REFUSED(name, reason) {#name, reason},
#include "ir/options.def"
#undef OPTION
#undef INERT
#undef REFUSED
};

static const char bad_name[] = "Invalid option name";
static const char bad_value[] = "Invalid value for specified option";
static const char is_outside[] =
    "Option cannot be used from within a D program";
static const char is_active[] = "Operation illegal when tracing is active";
static const char no_registers[] = "Insufficient registers to generate code";
static const char not_supported[] = "Operation not supported";
static const char not_elf[] = "there are no DOF objects";

const char *option_name(enum ir_option option) {
    return rows[option].name;
}

const char *option_inert(enum ir_option option) {
    return rows[option].inert;
}

void options_init(struct ir_options *options) {
    *options = (struct ir_options){0};
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        options->values[i] = rows[i].preset;
}

// --- values ---

static bool word_is(struct str word, const char *text) {
    struct str other = str_from(text);
    return word.n == other.n &&
           (!word.n || !strncasecmp(word.p, other.p, word.n));
}

static int digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 'a' - 'A';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;
}

// A number up to `*at`, as C writes it; false: none, or too large.
static bool read_number(struct str text, size_t *at, int64_t *value) {
    bool is_hex = text.n > 2 && text.p[0] == '0' && (text.p[1] | 32) == 'x' &&
                  digit(text.p[2]) < 16;
    int base = is_hex ? 16 : text.n && text.p[0] == '0' ? 8 : 10;
    size_t start = is_hex ? 2 : 0, i = start;
    for (*value = 0; i < text.n && digit(text.p[i]) < base; i++)
        if (__builtin_mul_overflow(*value, base, value) ||
            __builtin_add_overflow(*value, digit(text.p[i]), value))
            return false;
    *at = i;
    return i > start;
}

static bool read_count(struct str text, int64_t *value) {
    size_t at;
    return read_number(text, &at, value) && at == text.n;
}

static bool read_size(struct str text, int64_t *value) {
    static const char units[] = "kmgt";
    size_t at;
    if (!read_number(text, &at, value))
        return false;
    if (at == text.n)
        return true;
    for (unsigned i = 0; i < 4; i++)
        if (at + 1 == text.n && (text.p[at] | 32) == units[i])
            return !__builtin_mul_overflow(*value, (int64_t)1 << 10 * (i + 1),
                                           value);
    return false;
}

#define SECOND 1000000000

// Nanoseconds of one, 0: so many a second. A number alone is of nanoseconds.
static const struct {
    const char *name;
    int64_t of_one;
} units[] = {
    {"", 1},
    {"hz", 0},
    {"ns", 1},
    {"nsec", 1},
    {"us", SECOND / 1000000},
    {"usec", SECOND / 1000000},
    {"ms", SECOND / 1000},
    {"msec", SECOND / 1000},
    {"s", SECOND},
    {"sec", SECOND},
    {"m", (int64_t)60 * SECOND},
    {"min", (int64_t)60 * SECOND},
    {"h", (int64_t)3600 * SECOND},
    {"hour", (int64_t)3600 * SECOND},
    {"d", (int64_t)86400 * SECOND},
    {"day", (int64_t)86400 * SECOND},
};

static bool read_rate(struct str text, int64_t *value) {
    size_t at;
    if (!read_number(text, &at, value))
        return false;
    for (size_t i = 0; i < COUNT_OF(units); i++) {
        if (!word_is(str_slice(text, at, text.n), units[i].name))
            continue;
        if (units[i].of_one)
            return !__builtin_mul_overflow(*value, units[i].of_one, value);
        *value = *value ? SECOND / *value : 0;
        return true;
    }
    return false;
}

static bool read_flag(struct str text, int64_t *value) {
    static const char *const yes[] = {"1",   "yes",    "true",   "on",
                                      "set", "enable", "enabled"};
    static const char *const no[] = {"0",     "no",      "false",   "off",
                                     "unset", "disable", "disabled"};
    for (size_t i = 0; i < COUNT_OF(yes); i++) {
        if (word_is(text, yes[i]) || word_is(text, no[i])) {
            *value = word_is(text, yes[i]);
            return true;
        }
    }
    return false;
}

// One of the words of an option; its value is its place.
static bool read_word(struct str text, enum option_value kind, int64_t *value) {
    static const char *const words[][4] = {
        [VALUE_POLICY] = {"switch", "fill", "ring"},
        [VALUE_RESIZE] = {"auto", "manual"},
        [VALUE_EVALTIME] = {"exec", "preinit", "postinit", "main"},
        [VALUE_STDC] = {"a", "c", "s", "t"},
        [VALUE_ENCODING] = {NULL, "ascii", "utf8"},
        [VALUE_LATE] = {"static", "dynamic"},
        [VALUE_LINKMODE] = {"kernel", "static", "dynamic"},
        [VALUE_LINKTYPE] = {"elf", "dof"},
    };
    for (unsigned i = 0; i < COUNT_OF(words[0]); i++)
        if (words[kind][i] && word_is(text, words[kind][i])) {
            *value = i;
            return true;
        }
    return false;
}

// name stability / data stability / dependency class, from the least on
static bool read_attributes(struct str text, int64_t *value) {
    static const char *const levels[] = {"Internal", "Private",  "Obsolete",
                                         "External", "Unstable", "Evolving",
                                         "Stable",   "Standard"};
    static const char *const classes[] = {"Unknown", "CPU", "Platform",
                                          "Group",   "ISA", "Common"};
    *value = 0;
    for (unsigned part = 0; part < 3; part++) {
        size_t end = 0, k = 0;
        while (end < text.n && text.p[end] != '/')
            end++;
        const char *const *words = part < 2 ? levels : classes;
        size_t count = part < 2 ? COUNT_OF(levels) : COUNT_OF(classes);
        while (k < count && !word_is(str_slice(text, 0, end), words[k]))
            k++;
        if (k == count || (end == text.n) != (part == 2))
            return false;
        *value = *value << 8 | (int64_t)k;
        text = str_slice(text, end + 1, text.n);
    }
    return true;
}

bool options_are_attributes(struct str text) {
    int64_t value;
    return read_attributes(text, &value);
}

// 1, 1.2, 1.2.3
static bool read_version(struct str text, int64_t *value) {
    int64_t parts[3] = {0};
    size_t at, i = 0;
    do {
        if (i == COUNT_OF(parts) || !read_number(text, &at, &parts[i]))
            return false;
        i++;
        text = str_slice(text, at, text.n);
        if (text.n && text.p[0] != '.')
            return false;
        text = str_slice(text, 1, text.n + 1);
    } while (text.n);
    *value = parts[0] << 24 | parts[1] << 12 | parts[2];
    return parts[0] <= 0xff && parts[1] <= 0xfff && parts[2] <= 0xfff;
}

bool options_are_version(struct str text) {
    int64_t value;
    return read_version(text, &value);
}

static bool read_value(const struct option_row *row, struct str text,
                       int64_t *value) {
    switch ((enum option_value)row->value) {
    case VALUE_FLAG: return read_flag(text, value);
    case VALUE_MARK: return false;
    case VALUE_COUNT:
    case VALUE_SIZE:
    case VALUE_RATE:
        if (word_is(text, "unset")) {
            *value = row->preset;
            return true;
        }
        return row->value == VALUE_SIZE   ? read_size(text, value)
               : row->value == VALUE_RATE ? read_rate(text, value)
                                          : read_count(text, value);
    case VALUE_VERSION: return read_version(text, value);
    case VALUE_ATTRIBUTES: return read_attributes(text, value);
    case VALUE_TEXT: return true;
    default: return read_word(text, (enum option_value)row->value, value);
    }
}

// --- options with bounds of their own ---

#define SIZE_MOST    ((int64_t)1 << 30) // what a region can hold
#define VERSION_MOST ((int64_t)2 << 24)
#define REGISTERS    8 // of DTrace's own machine

// What is wrong with a value; NULL: nothing.
static const char *check_bounds(enum ir_option option, int64_t value) {
    bool fits = true;
    switch (option) {
    case IR_OPTION_strsize: fits = value >= 2 && value <= SIZE_MOST; break;
    case IR_OPTION_aggsize:
    case IR_OPTION_dynvarsize:
    case IR_OPTION_scratchsize: fits = value <= SIZE_MOST; break;
    case IR_OPTION_nspec: fits = value <= INT32_MAX; break;
    case IR_OPTION_tree:
    case IR_OPTION_tregs: fits = value > 0; break;
    case IR_OPTION_iregs:
        if (value > 0 && value < REGISTERS)
            return no_registers;
        fits = value == REGISTERS;
        break;
    case IR_OPTION_linktype: return value == 0 ? NULL : not_elf;
    case IR_OPTION_version: return value <= VERSION_MOST ? NULL : not_supported;
    default: break;
    }
    return fits ? NULL : bad_value;
}

static void add_text(struct ir_options *options, struct arena *arena,
                     enum ir_option option, struct str value) {
    struct ir_option_text **link = &options->texts;
    while (*link)
        link = &(*link)->next;
    *link = ARENA_NEW(arena, struct ir_option_text);
    (*link)->option = (uint8_t)option;
    (*link)->value = str_copy(arena, value);
}

static const char *set(struct ir_options *options, struct arena *arena,
                       enum ir_option option, struct str text, bool is_given) {
    const struct option_row *row = &rows[option];
    int64_t value = 1;
    bool is_flag = row->value == VALUE_FLAG || row->value == VALUE_MARK;
    if (!is_given && !is_flag)
        return bad_value;
    if (is_given && !read_value(row, text, &value))
        return bad_value;
    const char *problem = check_bounds(option, value);
    if (problem)
        return problem;
    if (row->value == VALUE_TEXT)
        add_text(options, arena, option, text);
    options->values[option] = value;
    options->is_set[option] = true;
    return NULL;
}

const char *options_set(struct ir_options *options, struct arena *arena,
                        struct str name, struct str value, bool is_given,
                        enum option_moment moment) {
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (!word_is(name, rows[i].name))
            continue;
        if (moment == OPTION_TRACING && rows[i].when == WHEN_START)
            return is_active;
        // setopt() always has a value.
        if (moment == OPTION_TRACING && rows[i].value == VALUE_MARK)
            return bad_value;
        if (moment == OPTION_PROGRAM && rows[i].when == WHEN_OUTSIDE)
            return is_outside;
        return set(options, arena, (enum ir_option)i, value, is_given);
    }
    for (size_t i = 0; i < COUNT_OF(refused); i++)
        if (word_is(name, refused[i].name))
            return refused[i].reason;
    return bad_name;
}

const char *options_set_word(struct ir_options *options, struct arena *arena,
                             struct str word, enum option_moment moment) {
    size_t equals = 0;
    while (equals < word.n && word.p[equals] != '=')
        equals++;
    return options_set(options, arena, str_slice(word, 0, equals),
                       str_slice(word, equals + 1, word.n), equals < word.n,
                       moment);
}

const struct ir_option_text *options_text(const struct ir_option_text *from,
                                          enum ir_option option) {
    while (from && from->option != option)
        from = from->next;
    return from;
}
