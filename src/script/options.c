// options.c: lines that begin with '#'.
//
//     #!/usr/sbin/dtrace -s          passed by the lexer, first line only
//     #pragma D option strsize=64    an option, see ir/options.h
//     #pragma D attributes ...       checked: probes have no stability here
//     # 12 "file.d"                  line marker, as cpp writes them
//     #error, #ident, #line          as in DTrace
//
// A mistake here is reported and the clause around the line goes on. A line
// marker makes a new `struct source` of what follows, so that diagnostics
// point into the file the user wrote.

#include <strings.h>

#include "script/script.h"

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

// A line's number, which cpp has as 0 for what it makes itself; false: none, or
// too large.
static bool read_line_number(struct str text, uint32_t *value) {
    uint64_t number = 0;
    bool good = text.n && text.n < 10;
    for (size_t i = 0; i < text.n && good; i++) {
        good = text.p[i] >= '0' && text.p[i] <= '9';
        number = number * 10 + (uint64_t)(text.p[i] - '0');
    }
    *value = (uint32_t)number;
    return good;
}

void script_apply_options(struct script *script) {
    const int64_t *values = script->out->options.values;
    script->out->strsize = (uint64_t)values[IR_OPTION_strsize];
    script->out->aggsize = (uint64_t)values[IR_OPTION_aggsize];
    script->diag->show_tags |= values[IR_OPTION_errtags] != 0;
}

// name, name=value
static void set_option(struct script *script, struct str word,
                       struct span span) {
    const char *problem = options_set_word(&script->out->options, script->arena,
                                           word, OPTION_PROGRAM);
    if (!problem) {
        script_apply_options(script);
        return;
    }
    size_t equals = 0;
    while (equals < word.n && word.p[equals] != '=')
        equals++;
    struct str name = str_slice(word, 0, equals);
    struct str value = str_slice(word, equals + 1, word.n);
    if (equals < word.n)
        diag_error(script->diag, D_PRAGMA_OPTSET, span,
                   "failed to set option '%.*s' to '%.*s': %s", STR_ARGS(name),
                   STR_ARGS(value), problem);
    else
        diag_error(script->diag, D_PRAGMA_OPTSET, span,
                   "failed to set option '%.*s': %s", STR_ARGS(name), problem);
}

static void fail_pragma(struct script *script, struct span span,
                        const char *form) {
    diag_error(script->diag, D_PRAGMA_MALFORM, span, "malformed #pragma %s",
               form);
}

// --- #pragma D attributes ---

// A provider of probes by its name; one that the script declares is the
// program's.
static bool is_provider(const struct script *script, struct str name) {
    size_t count;
    const struct provider *const *table = provider_table(&count);
    for (size_t i = 0; i < count; i++)
        if (str_is(name, table[i]->name))
            return true;
    for (size_t i = 0; i < script->out->provider_count; i++)
        if (str_equal(name, script->out->providers[i]->name))
            return true;
    return false;
}

static struct str without_semicolon(struct str name) {
    while (name.n && name.p[name.n - 1] == ';')
        name.n--;
    return name;
}

// The pragma is about a name that the script has declared or will declare. What
// is defined outside of it cannot be changed.
static void add_pragma(struct script *script, const char *what, struct str name,
                       bool of_provider, struct span span) {
    name = without_semicolon(name);
    const struct identifier *known =
        variable_find(script, IR_GLOBAL_VARIABLE, name);
    bool is_outside = builtin_find(name) ||
                      (known && known->is_of_library && !script->in_folder);
    if (!of_provider && is_outside) {
        diag_error(script->diag, D_PRAGMA_SCOPE, span,
                   "#pragma %s cannot modify entity defined outside program "
                   "scope",
                   what);
        return;
    }
    struct pragma *pragma = ARENA_NEW(script->arena, struct pragma);
    *pragma = (struct pragma){script->pragmas, what, name, of_provider, span};
    script->pragmas = pragma;
}

// attributes ATTRIBUTES provider NAME COMPONENT
static void provider_attributes(struct script *script,
                                const struct words *words, struct span span) {
    static const char *const components[] = {"provider", "module", "function",
                                             "name", "args"};
    struct str component = without_semicolon(words->items[6]);
    size_t i = 0;
    while (i < COUNT_OF(components) && !word_is(component, components[i]))
        i++;
    if (i == COUNT_OF(components))
        diag_error(script->diag, D_PRAGMA_INVAL, span,
                   "invalid component \"%.*s\" in attribute #pragma for "
                   "provider %.*s",
                   STR_ARGS(component), STR_ARGS(words->items[5]));
    else
        add_pragma(script, "attributes", words->items[5], true, span);
}

// attributes ATTRIBUTES NAME
static void pragma_attributes(struct script *script, const struct words *words,
                              struct span span) {
    bool of_provider =
        words->count == 7 && word_is(words->items[4], "provider");
    if (words->count != 5 && !of_provider)
        fail_pragma(script, span, "attributes <attributes> <ident>");
    else if (!options_are_attributes(words->items[3]))
        diag_error(script->diag, D_PRAGMA_INVAL, span,
                   "invalid attributes specified by #pragma attributes");
    else if (of_provider)
        provider_attributes(script, words, span);
    else
        add_pragma(script, "attributes", words->items[4], false, span);
}

void check_pragmas(struct script *script) {
    const struct pragma *first = NULL;
    for (const struct pragma *p = script->pragmas; p; p = p->next)
        if (p->of_provider
                ? !is_provider(script, p->name)
                : !variable_find(script, IR_GLOBAL_VARIABLE, p->name))
            first = p; // the list begins with the last
    if (first)
        diag_error(script->diag, D_PRAGMA_UNUSED, first->span,
                   "unused #pragma %s", first->what);
}

// --- the pragmas ---

static void pragma_option(struct script *script, const struct words *words,
                          struct span span) {
    if (words->count == 4)
        set_option(script, words->items[3], span);
    else if (words->count < 4)
        fail_pragma(script, span, "option <option>=<val>");
    else
        diag_error(script->diag, D_PRAGMA_MALFORM, span,
                   "superfluous arguments specified for #pragma option");
}

static void pragma_binding(struct script *script, const struct words *words,
                           struct span span) {
    if (words->count != 5)
        fail_pragma(script, span, "binding \"version\" <ident>");
    else if (!options_are_version(words->items[3]))
        diag_error(script->diag, D_PRAGMA_INVAL, span,
                   "invalid version string specified by #pragma binding");
    else
        add_pragma(script, "binding", words->items[4], false, span);
}

// What is not there ends a library, as nothing of it can be used, and is an
// error in a program.
static void require(struct script *script, struct str class, struct str name,
                    struct span span) {
    bool is_there = word_is(class, "provider")
                        ? is_provider(script, name)
                        : name.n && userland_is_scope(script, name);
    if (is_there)
        return;
    if (script->in_folder)
        script->at = script->text.n;
    else
        diag_error(script->diag, D_PRAGMA_DEPEND, span,
                   "program requires %.*s %.*s", STR_ARGS(class),
                   STR_ARGS(name));
}

static void pragma_depends(struct script *script, const struct words *words,
                           struct span span) {
    struct str class = words->items[3];
    if (words->count != 5)
        fail_pragma(script, span, "depends_on <class> <name>");
    else if (word_is(class, "library") && script->in_folder)
        return; // folders.c has seen to it
    else if (word_is(class, "library"))
        diag_error(script->diag, D_PRAGMA_DEPEND, span,
                   "main program may not explicitly depend on a library");
    else if (word_is(class, "module") || word_is(class, "provider"))
        require(script, class, words->items[4], span);
    else
        diag_error(script->diag, D_PRAGMA_INVAL, span,
                   "invalid class %.*s specified by #pragma depends_on",
                   STR_ARGS(class));
}

static void report_error(struct script *script, const struct words *words,
                         size_t first, struct span span) {
    struct str text = {0};
    for (size_t i = first; i < words->count && i < COUNT_OF(words->items); i++)
        text = str_format(script->arena, "%.*s%.*s ", STR_ARGS(text),
                          STR_ARGS(words->items[i]));
    diag_error(script->diag, D_PRAGERR, span, "#error: %.*s", STR_ARGS(text));
}

static void pragma_error(struct script *script, const struct words *words,
                         struct span span) {
    report_error(script, words, 3, span);
}

static void pragma_nothing(struct script *script, const struct words *words,
                           struct span span) {
    (void)script;
    (void)words;
    (void)span;
}

// #pragma D ...
static void pragma_d(struct script *script, const struct words *words,
                     struct span span) {
    static const struct {
        const char *name;
        void (*read)(struct script *, const struct words *, struct span);
    } rows[] = {
        {"attributes", pragma_attributes}, {"binding", pragma_binding},
        {"depends_on", pragma_depends},    {"error", pragma_error},
        {"ident", pragma_nothing},         {"option", pragma_option},
    };
    if (words->count < 3) {
        diag_error(script->diag, D_PRAGMA_MALFORM, span, "malformed #pragma D");
        return;
    }
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (word_is(words->items[2], rows[i].name)) {
            rows[i].read(script, words, span);
            return;
        }
    diag_error(script->diag, D_PRAGMA_INVAL, span, "invalid D pragma: %.*s",
               STR_ARGS(words->items[2]));
}

// What follows this line is line `number` of the file `name`.
static void mark_line(struct script *script, struct str number, struct str name,
                      struct span span) {
    uint32_t line;
    if (!read_line_number(number, &line)) {
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
    source->lines_before = line - 1;
    source->failure = script->source->failure;
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
        else if (!script->diag->like_dtrace && // who says nothing
                 (words.count < 2 || !word_is(words.items[1], "ident")))
            diag_warning(script->diag, D_PRAGMA_INVAL, span,
                         "this pragma is not D's and has no effect");
    } else if (word_is(first, "error")) {
        report_error(script, &words, 1, span);
    } else if (word_is(first, "line")) {
        mark_line(script, words.items[1], words.items[2], span);
    } else if (first.n && first.p[0] >= '0' && first.p[0] <= '9') {
        mark_line(script, first, words.items[1], span);
    } else {
        diag_error(script->diag, D_PRAGCTL_INVAL, span,
                   "invalid control directive: #%.*s", STR_ARGS(first));
        diag_help(script->diag, "-C or the option cpp runs the preprocessor");
    }
}
