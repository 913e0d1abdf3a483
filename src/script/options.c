// options.c: lines that begin with '#'.
//
//     #!/usr/sbin/dtrace -s          passed by the lexer, first line only
//     #pragma D option strsize=64    an option, by the rows of options.def
//     #pragma D attributes ...       accepted: probes have no stability here
//     # 12 "file.d"                  line marker, as cpp writes them
//     #error, #ident, #line          as in DTrace
//
// A mistake here is reported and the clause around the line goes on. A line
// marker makes a new `struct source` of what follows, so that diagnostics
// point into the file the user wrote.

#include <strings.h>

#include "script/script.h"

enum option_value_kind {
    VALUE_FLAG,
    VALUE_SIZE,
    VALUE_COUNT,
    VALUE_RATE,
    VALUE_WORD
};
enum option_effect {
    EFFECT_NONE,
    EFFECT_STRSIZE,
    EFFECT_AGGSIZE,
    EFFECT_DEFAULTARGS,
    EFFECT_ERRTAGS,
    EFFECT_REFUSED
};

static const struct option {
    const char *name;
    uint8_t value, effect;
    const char *reason;
} options[] = {
#define OPTION(name, value, effect) {#name, VALUE_##value, EFFECT_##effect, ""},
#define REFUSED(name, reason)       {#name, VALUE_FLAG, EFFECT_REFUSED, reason},
#include "options.def"
#undef OPTION
#undef REFUSED
};

#define STRSIZE_LEAST 2
#define SIZE_MOST     ((uint64_t)1 << 30) // what a region can hold

// The words of a line; a quoted string is one, without its quotes.
struct words {
    struct str items[8];
    size_t count; // of all, also of those that found no place
};

static struct words split(struct str line) {
    struct words words = {.count = 0};
    size_t i = 0;
    for (;;) {
        while (i < line.n && (unsigned char)line.p[i] <= ' ')
            i++;
        if (i >= line.n)
            return words;
        bool quoted = line.p[i] == '"';
        size_t start = i + quoted;
        for (i = start; i < line.n; i++)
            if (quoted ? line.p[i] == '"' : (unsigned char)line.p[i] <= ' ')
                break;
        if (words.count < COUNT_OF(words.items))
            words.items[words.count] = str_slice(line, start, i);
        words.count++;
        i += quoted;
    }
}

static bool word_is(struct str word, const char *text) {
    struct str other = str_from(text);
    return word.n == other.n &&
           (!word.n || !strncasecmp(word.p, other.p, word.n));
}

// A number up to `*at`; false: none, or too large.
static bool read_number(struct str text, size_t *at, uint64_t *value) {
    size_t i = 0;
    for (*value = 0; i < text.n && text.p[i] >= '0' && text.p[i] <= '9'; i++) {
        uint64_t digit = (uint64_t)(text.p[i] - '0');
        if (*value > (UINT64_MAX - digit) / 10)
            return false;
        *value = *value * 10 + digit;
    }
    *at = i;
    return i > 0;
}

static bool read_size(struct str text, uint64_t *value) {
    static const char units[] = "kmgt";
    size_t at;
    if (!read_number(text, &at, value))
        return false;
    if (at == text.n)
        return true;
    for (unsigned i = 0; i < 4; i++)
        if (at + 1 == text.n && (text.p[at] | 32) == units[i]) {
            unsigned shift = 10 * (i + 1);
            bool fits = *value <= UINT64_MAX >> shift;
            *value <<= shift;
            return fits;
        }
    return false;
}

static bool read_rate(struct str text) {
    static const char *const units[] = {
        "",    "ns", "nsec", "us", "usec", "ms", "msec", "s",
        "sec", "m",  "min",  "h",  "hour", "d",  "day",  "hz"};
    uint64_t value;
    size_t at;
    if (!read_number(text, &at, &value))
        return false;
    for (size_t i = 0; i < COUNT_OF(units); i++)
        if (word_is(str_slice(text, at, text.n), units[i]))
            return true;
    return false;
}

static bool read_flag(struct str text, uint64_t *value) {
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

static bool read_value(const struct option *option, struct str text,
                       bool is_given, uint64_t *value) {
    size_t at;
    *value = 1;
    if (option->value == VALUE_FLAG)
        return !is_given || read_flag(text, value);
    if (!text.n)
        return false;
    switch (option->value) {
    case VALUE_SIZE: return read_size(text, value);
    case VALUE_COUNT: return read_number(text, &at, value) && at == text.n;
    case VALUE_RATE: return read_rate(text);
    default: return true;
    }
}

static void fail_option(struct script *script, struct span span,
                        struct str name, const char *reason) {
    diag_error(script->diag, D_PRAGMA_OPTSET, span,
               "the option '%.*s' cannot be set: %s", STR_ARGS(name), reason);
}

static void apply(struct script *script, const struct option *option,
                  uint64_t value, struct span span) {
    struct str name = str_from(option->name);
    bool is_size =
        option->effect == EFFECT_STRSIZE || option->effect == EFFECT_AGGSIZE;
    if (is_size && value > SIZE_MOST) {
        fail_option(script, span, name, "1g is the most");
        return;
    }
    switch (option->effect) {
    case EFFECT_STRSIZE:
        if (value < STRSIZE_LEAST)
            fail_option(script, span, name, "2 is the least");
        else
            script->out->strsize = value;
        break;
    case EFFECT_AGGSIZE: script->out->aggsize = value; break;
    case EFFECT_DEFAULTARGS: script->default_args = value; break;
    case EFFECT_ERRTAGS: script->diag->show_tags = value; break;
    default: break;
    }
}

// name, name=value
static void set_option(struct script *script, struct str word,
                       struct span span) {
    size_t equals = 0;
    while (equals < word.n && word.p[equals] != '=')
        equals++;
    struct str name = str_slice(word, 0, equals);
    struct str text = str_slice(word, equals + 1, word.n);
    for (size_t i = 0; i < COUNT_OF(options); i++) {
        const struct option *option = &options[i];
        uint64_t value;
        if (!word_is(name, option->name))
            continue;
        if (option->effect == EFFECT_REFUSED)
            fail_option(script, span, name, option->reason);
        else if (!read_value(option, text, equals < word.n, &value))
            fail_option(script, span, name,
                        text.n ? "its value is invalid" : "it needs a value");
        else
            apply(script, option, value, span);
        return;
    }
    fail_option(script, span, name, "there is no such option");
}

static void fail_pragma(struct script *script, struct span span,
                        const char *form) {
    diag_error(script->diag, D_PRAGMA_MALFORM, span,
               "malformed pragma; its form is: #pragma D %s", form);
}

// #pragma D ...
static void pragma_d(struct script *script, const struct words *words,
                     struct span span) {
    struct str what = words->items[2];
    if (words->count < 3)
        fail_pragma(script, span, "option name=value");
    else if (word_is(what, "option")) {
        if (words->count == 4)
            set_option(script, words->items[3], span);
        else
            fail_pragma(script, span, "option name=value");
    } else if (word_is(what, "attributes")) {
        if (words->count < 5 || words->count > 7)
            fail_pragma(script, span, "attributes attributes class name");
    } else if (word_is(what, "binding")) {
        if (words->count != 5)
            fail_pragma(script, span, "binding \"version\" name");
    } else if (word_is(what, "depends_on")) {
        struct str class = words->items[3];
        if (words->count != 5)
            fail_pragma(script, span, "depends_on class name");
        else if (!word_is(class, "library") && !word_is(class, "module") &&
                 !word_is(class, "provider"))
            diag_error(script->diag, D_PRAGMA_INVAL, span,
                       "nothing can depend on a '%.*s'", STR_ARGS(class));
    } else if (!word_is(what, "ident")) {
        diag_error(script->diag, D_PRAGMA_INVAL, span,
                   "'%.*s' is no pragma of D", STR_ARGS(what));
    }
}

// What follows this line is line `number` of the file `name`.
static void mark_line(struct script *script, struct str number, struct str name,
                      struct span span) {
    uint64_t line;
    size_t at;
    if (!read_number(number, &at, &line) || at != number.n || !line ||
        line > UINT32_MAX) {
        diag_error(script->diag, D_PRAGMA_MALFORM, span,
                   "a line marker has a line number and a file name");
        return;
    }
    size_t next = script->at;
    while (next < script->text.n && script->text.p[next] != '\n')
        next++;
    next += next < script->text.n;
    struct source *source = ARENA_NEW(script->arena, struct source);
    source->name = name.n ? name : script->source->name;
    source->text = str_slice(script->text, next, script->text.n);
    source->lines_before = (uint32_t)line - 1;
    script->source = source;
    script->source_off = next;
}

void script_control_line(struct script *script, struct str line,
                         struct span span) {
    struct words words = split(str_slice(line, 1, line.n));
    struct str first = words.items[0];
    if (!words.count || word_is(first, "ident"))
        return;
    if (word_is(first, "pragma")) {
        if (words.count > 1 && word_is(words.items[1], "D"))
            pragma_d(script, &words, span);
        else if (words.count < 2 || !word_is(words.items[1], "ident"))
            diag_warning(script->diag, D_PRAGMA_INVAL, span,
                         "this pragma is not D's and has no effect");
    } else if (word_is(first, "error")) {
        diag_error(script->diag, D_PRAGERR, span, "%.*s", STR_ARGS(line));
    } else if (word_is(first, "line")) {
        mark_line(script, words.items[1], words.items[2], span);
    } else if (first.n && first.p[0] >= '0' && first.p[0] <= '9') {
        mark_line(script, first, words.items[1], span);
    } else {
        diag_error(script->diag, D_PRAGCTL_INVAL, span,
                   "'#%.*s' needs a preprocessor", STR_ARGS(first));
        diag_help(script->diag,
                  "run the script through cpp; line markers are understood");
    }
}
