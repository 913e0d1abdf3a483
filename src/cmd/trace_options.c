// trace_options.c: the command line of dtrace(1).
//
// Letters may be joined and values stand behind them or in the next word, as
// getopt(3) has it; words between options belong to the script. A letter is a
// row below; most of them set one of the options of options.def.

#include <stdlib.h>
#include <string.h>

#include "cmd/trace.h"

void trace_say(const struct trace *trace, const char *format, ...) {
    va_list args;
    va_start(args, format);
    fprintf(stderr, "%s: ", trace->program);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
}

void trace_debug(const struct trace *trace, const char *format, ...) {
    const struct ir_options *options =
        trace->job.script ? &trace->job.script->options : &trace->options;
    const char *asked = getenv("DTRACE_DEBUG");
    if (!options->values[IR_OPTION_debug] && (!asked || !asked[0]))
        return;
    va_list args;
    va_start(args, format);
    fprintf(stderr, "%s DEBUG %lld: ", trace->program, (long long)time(NULL));
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
}

// --- what letters do ---

enum letter_kind {
    LETTER_SET,     // an option of options.def: `option`
    LETTER_OPTION,  // any of them: the value says which
    LETTER_TEXT,    // a text of the script; `fields` are missing
    LETTER_FILE,    // a file of the script
    LETTER_MODE,    // what to do; `fields` is the mode
    LETTER_OUTPUT,  // -o
    LETTER_COMMAND, // -c
    LETTER_COMPILE, // -e
    LETTER_VERBOSE, // -v
    LETTER_VERSION, // -V
    LETTER_WORDS,   // words of 64 bits, which all have
    LETTER_REFUSED  // `option` says why
};

struct letter {
    char letter;
    uint8_t kind, fields;
    const char *value;  // what it takes; NULL: nothing
    const char *option; // see above
    const char *help;
};

static const struct letter letters[] = {
    {'6', LETTER_WORDS, 0, "4", NULL, NULL},
    {'b', LETTER_SET, 0, "bufsz", "bufsize", "set the size of buffers"},
    {'c', LETTER_COMMAND, 0, "'command args'", NULL,
     "run the command and trace it; end with it"},
    {'C', LETTER_SET, 0, NULL, "cpp", "run cpp(1) on scripts first"},
    {'D', LETTER_SET, 0, "name[=def]", "define", "define a symbol for cpp"},
    {'e', LETTER_COMPILE, 0, NULL, NULL, "compile the script and exit"},
    {'f', LETTER_TEXT, 1, "func", NULL, "trace or list probes of a function"},
    {'F', LETTER_SET, 0, NULL, "flowindent", "indent by function calls"},
    {'G', LETTER_MODE, TRACE_OBJECT, NULL, NULL,
     "make an object file of the script's providers"},
    {'h', LETTER_MODE, TRACE_HEADER, NULL, NULL,
     "make a header file of the script's providers"},
    {'H', LETTER_SET, 0, NULL, "cpphdrs", "print the headers that cpp reads"},
    {'i', LETTER_TEXT, 0, "id", NULL, "trace or list the probe of an id"},
    {'I', LETTER_SET, 0, "path", "incdir", "add a folder to cpp's"},
    {'l', LETTER_MODE, TRACE_LIST, NULL, NULL, "list probes"},
    {'L', LETTER_SET, 0, "path", "libdir", "add a folder of D libraries"},
    {'m', LETTER_TEXT, 2, "mod", NULL, "trace or list probes of a module"},
    {'n', LETTER_TEXT, 0, "probe-clause", NULL, "trace or list probes"},
    {'o', LETTER_OUTPUT, 0, "file", NULL, "append to the file"},
    {'P', LETTER_TEXT, 3, "prov", NULL, "trace or list probes of a provider"},
    {'q', LETTER_SET, 0, NULL, "quiet", "print only what the script asks for"},
    {'s', LETTER_FILE, 0, "script", NULL, "trace or list what a file says"},
    {'S', LETTER_SET, 0, NULL, "verbose", "print what the compiler made"},
    {'U', LETTER_SET, 0, "name", "undef", "undefine a symbol for cpp"},
    {'v', LETTER_VERBOSE, 0, NULL, NULL, "report stability, list arguments"},
    {'V', LETTER_VERSION, 0, NULL, NULL, "print the version"},
    {'w', LETTER_SET, 0, NULL, "destructive", "allow destructive actions"},
    {'x', LETTER_OPTION, 0, "opt[=val]", NULL, "set an option"},
    {'X', LETTER_SET, 0, "a|c|s|t", "stdc", "how cpp follows the standard"},
    {'Z', LETTER_SET, 0, NULL, "zdefs", "accept probes that match nothing"},
    {'3', LETTER_REFUSED, 0, "2", "there are no programs of 32 bits here",
     NULL},
    {'a', LETTER_REFUSED, 0, NULL, "there is no anonymous tracing", NULL},
    {'A', LETTER_REFUSED, 0, NULL, "there is no anonymous tracing", NULL},
    {'p', LETTER_REFUSED, 0, "pid",
     "a process that runs already cannot be traced; start it by -c, or "
     "instrument its program",
     NULL},
};

static const struct letter *find_letter(char letter) {
    for (size_t i = 0; i < COUNT_OF(letters); i++)
        if (letters[i].letter == letter)
            return &letters[i];
    return NULL;
}

void trace_help(const char *program, FILE *out) {
    bool is_command = strcmp(program, "dtrace") != 0;
    fprintf(out, "usage: %s%s [-", program, is_command ? " trace" : "");
    for (size_t i = 0; i < COUNT_OF(letters); i++)
        if (letters[i].help && !letters[i].value)
            fputc(letters[i].letter, out);
    fputc(']', out);
    for (size_t i = 0; i < COUNT_OF(letters); i++)
        if (letters[i].help && letters[i].value)
            fprintf(out, " [-%c %s]", letters[i].letter, letters[i].value);
    fputs(" [args ...]\n\n", out);
    for (size_t i = 0; i < COUNT_OF(letters); i++)
        if (letters[i].help)
            fprintf(out, "  -%c %-16s %s\n", letters[i].letter,
                    letters[i].value ? letters[i].value : "", letters[i].help);
}

// --- effects ---

static void add_text(struct trace *trace, const struct letter *letter,
                     const char *value) {
    struct source *source = ARENA_NEW(trace->arena, struct source);
    bool is_file = letter->kind == LETTER_FILE;
    source->name = str_from(value);
    source->text = is_file ? STR("") : str_from(value);
    source->failure = str_format(trace->arena, "%s %s",
                                 is_file ? "failed to compile script"
                                         : "invalid probe specifier",
                                 value);
    size_t count = trace->text_count;
    *ARENA_PUSH(trace->arena, trace->are_files, count, trace->file_room) =
        is_file;
    *ARENA_PUSH(trace->arena, trace->texts, trace->text_count,
                trace->text_room) =
        (struct script_text){.source = source,
                             .missing_fields = letter->fields,
                             .is_argument = !is_file};
}

static enum exit_status set_option(struct trace *trace,
                                   const struct letter *letter,
                                   const char *value) {
    const char *problem;
    if (letter->kind == LETTER_OPTION)
        problem = options_set_word(&trace->options, trace->arena,
                                   str_from(value), OPTION_BEFORE);
    else
        problem =
            options_set(&trace->options, trace->arena, str_from(letter->option),
                        str_from(value), value != NULL, OPTION_BEFORE);
    if (!problem)
        return EXIT_DONE;
    const char *name = value ? value : letter->option;
    trace_say(trace, "failed to set -%c %.*s: %s", letter->letter,
              (int)strcspn(name, "="), name, problem);
    return EXIT_REFUSED;
}

static enum exit_status set_mode(struct trace *trace, enum trace_mode mode) {
    if (trace->mode != TRACE_RUN && trace->mode != mode) {
        trace_say(trace, "only one of the options -G, -h and -l can be given");
        return EXIT_USAGE;
    }
    trace->mode = mode;
    return EXIT_DONE;
}

static enum exit_status take(struct trace *trace, const struct letter *letter,
                             const char *value) {
    switch ((enum letter_kind)letter->kind) {
    case LETTER_SET:
    case LETTER_OPTION: return set_option(trace, letter, value);
    case LETTER_TEXT:
    case LETTER_FILE: add_text(trace, letter, value); return EXIT_DONE;
    case LETTER_MODE: return set_mode(trace, letter->fields);
    case LETTER_OUTPUT: trace->output = value; return EXIT_DONE;
    case LETTER_COMMAND:
        *ARENA_PUSH(trace->arena, trace->commands, trace->command_count,
                    trace->command_room) = value;
        return EXIT_DONE;
    case LETTER_COMPILE: trace->only_compiles = true; return EXIT_DONE;
    case LETTER_VERBOSE: trace->is_verbose = true; return EXIT_DONE;
    case LETTER_VERSION: trace->says_version = true; return EXIT_DONE;
    case LETTER_WORDS: return EXIT_DONE;
    case LETTER_REFUSED: break;
    }
    trace_say(trace, "-%c: %s", letter->letter, letter->option);
    return EXIT_REFUSED;
}

// --- reading ---

struct words {
    int argc, at;
    char **argv;
};

// Options in one word, the dash left out.
static enum exit_status read_word(struct trace *trace, struct words *words,
                                  const char *word) {
    for (; *word; word++) {
        const struct letter *letter = find_letter(*word);
        if (!letter) {
            trace_say(trace, "invalid option -- '%c'", *word);
            trace_help(trace->program, stderr);
            return EXIT_USAGE;
        }
        const char *value = NULL;
        if (letter->value && word[1])
            value = word + 1;
        else if (letter->value && words->at < words->argc)
            value = words->argv[words->at++];
        else if (letter->value) {
            trace_say(trace, "option requires an argument -- '%c'", *word);
            trace_help(trace->program, stderr);
            return EXIT_USAGE;
        }
        enum exit_status status = take(trace, letter, value);
        if (status != EXIT_DONE || value)
            return status;
    }
    return EXIT_DONE;
}

// DTRACE_OPT_NAME=value; the command line comes later and wins. What cannot be
// set is told, and no reason to stop, as it is none for DTrace.
static void read_environment(struct trace *trace) {
    static const struct str prefix = {"DTRACE_OPT_", 11};
    for (char **at = environ; *at; at++) {
        struct str word = str_from(*at);
        if (!str_starts_with(word, prefix))
            continue;
        const char *equals = strchr(*at, '=');
        size_t end = equals ? (size_t)(equals - *at) : word.n;
        struct str name = str_slice(word, prefix.n, end);
        const char *problem = options_set(&trace->options, trace->arena, name,
                                          str_slice(word, end + 1, word.n),
                                          equals && equals[1], OPTION_BEFORE);
        if (problem)
            trace_say(trace, "%s has no effect: %s", *at, problem);
    }
}

enum exit_status trace_read_options(struct trace *trace, int argc,
                                    char **argv) {
    struct words words = {.argc = argc, .argv = argv};
    enum exit_status status = EXIT_DONE;
    read_environment(trace);
    if (argc == 0) {
        trace_help(trace->program, stderr);
        return EXIT_USAGE;
    }
    bool only_args = false;
    while (status == EXIT_DONE && words.at < argc) {
        const char *word = argv[words.at++];
        if (!only_args && strcmp(word, "--") == 0)
            only_args = true;
        else if (!only_args && word[0] == '-' && word[1])
            status = read_word(trace, &words, word + 1);
        else
            *ARENA_PUSH(trace->arena, trace->args, trace->arg_count,
                        trace->arg_room) = word;
    }
    return status;
}
