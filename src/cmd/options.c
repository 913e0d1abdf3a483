// options.c: command lines, from rows.
//
// Every command has a table of options; this file reads any of them and prints
// their help, so that all behave alike: `--name=value`, `--name value`, a
// unique beginning of a name, `-n value`, `-nvalue`, flags of a letter joined
// (`-vZ`), and `--` before what is no option. Wrong usage is one line and a
// hint.

#include <string.h>

#include "cmd/cmd.h"

struct reading {
    const struct command *command;
    struct invocation *invocation;
    int argc, at;
    char **argv;
    bool wants_help;
};

enum exit_status usage_error(const struct command *command, struct diag *diag,
                             const char *format, ...) {
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    diag_error_at(diag, U_USAGE, NULL, "%s; try `mctrace %s --help`", text,
                  command->name);
    return EXIT_USAGE;
}

// --- looking up ---

// The row of a name or of the only name that begins so; -1: none, reported.
static int find_long(struct reading *reading, struct str name) {
    const struct option_row *rows = reading->command->options;
    struct diag *diag = reading->invocation->diag;
    int found = -1, near = -1;
    size_t best = 3;
    for (int i = 0; rows[i].name; i++) {
        struct str row = str_from(rows[i].name);
        if (str_equal(row, name))
            return i;
        size_t distance = str_distance(row, name, best);
        if (distance < best) {
            best = distance;
            near = i;
        }
        if (!str_starts_with(row, name))
            continue;
        if (found >= 0) {
            usage_error(reading->command, diag, "--%.*s may mean --%s or --%s",
                        STR_ARGS(name), rows[found].name, rows[i].name);
            return -1;
        }
        found = i;
    }
    if (found < 0)
        usage_error(reading->command, diag, "there is no option --%.*s%s%s%s",
                    STR_ARGS(name), near >= 0 ? " (--" : "",
                    near >= 0 ? rows[near].name : "", near >= 0 ? "?)" : "");
    return found;
}

static int find_letter(struct reading *reading, char letter) {
    const struct option_row *rows = reading->command->options;
    for (int i = 0; rows[i].name; i++)
        if (rows[i].letter == letter)
            return i;
    usage_error(reading->command, reading->invocation->diag,
                "there is no option -%c", letter);
    return -1;
}

// --- values ---

static void set_value(struct reading *reading, int row, const char *text) {
    struct option_value *value = &reading->invocation->options[row];
    struct arena *arena = reading->invocation->arena;
    value->given = true;
    value->value = text;
    if (reading->command->options[row].kind != OPTION_MANY)
        return;
    const char **values = ARENA_ARRAY(arena, const char *, value->count + 1);
    for (size_t i = 0; i < value->count; i++)
        values[i] = value->values[i];
    values[value->count++] = text;
    value->values = values;
}

// The word behind an option is its value, unless it looks like another option.
static bool take_next(struct reading *reading, int row) {
    const char *next =
        reading->at < reading->argc ? reading->argv[reading->at] : NULL;
    if (!next || strncmp(next, "--", 2) == 0) {
        const struct option_row *option = &reading->command->options[row];
        usage_error(reading->command, reading->invocation->diag,
                    "--%s wants a value (%s)", option->name,
                    option->value_name);
        return false;
    }
    reading->at++;
    set_value(reading, row, next);
    return true;
}

static bool read_long(struct reading *reading, struct str word) {
    const char *equals = str_find(word, '=');
    struct str name =
        str_slice(word, 0, equals ? (size_t)(equals - word.p) : word.n);
    if (str_equal(name, STR("help"))) {
        reading->wants_help = true;
        return true;
    }
    int row = find_long(reading, name);
    if (row < 0)
        return false;
    bool is_flag = reading->command->options[row].kind == OPTION_FLAG;
    if (is_flag && equals) {
        usage_error(reading->command, reading->invocation->diag,
                    "--%s takes no value", reading->command->options[row].name);
        return false;
    }
    if (!is_flag && !equals)
        return take_next(reading, row);
    set_value(reading, row, equals ? equals + 1 : NULL);
    return true;
}

static bool read_short(struct reading *reading, const char *letters) {
    for (; *letters; letters++) {
        if (*letters == 'h') {
            reading->wants_help = true;
            continue;
        }
        int row = find_letter(reading, *letters);
        if (row < 0)
            return false;
        if (reading->command->options[row].kind == OPTION_FLAG) {
            set_value(reading, row, NULL);
            continue;
        }
        if (!letters[1])
            return take_next(reading, row);
        set_value(reading, row, letters + 1);
        return true;
    }
    return true;
}

static bool read_argument(struct reading *reading, const char *word) {
    struct invocation *invocation = reading->invocation;
    if (!reading->command->takes_args) {
        usage_error(reading->command, invocation->diag,
                    "what is \"%s\"? everything is given by options", word);
        return false;
    }
    invocation->args[invocation->arg_count++] = word;
    return true;
}

static bool check_required(struct reading *reading) {
    const struct option_row *rows = reading->command->options;
    for (int i = 0; rows[i].name; i++) {
        if (!rows[i].required || reading->invocation->options[i].given)
            continue;
        usage_error(reading->command, reading->invocation->diag,
                    "--%s=%s is missing", rows[i].name, rows[i].value_name);
        return false;
    }
    return true;
}

enum options_result options_read(const struct command *command, int argc,
                                 char **argv, struct invocation *invocation) {
    if (command->help) {
        invocation->args = (const char **)argv;
        invocation->arg_count = (size_t)argc;
        bool wants_help = argc == 1 && strcmp(argv[0], "--help") == 0;
        return wants_help ? OPTIONS_HELP : OPTIONS_GOOD;
    }
    size_t rows = 0;
    while (command->options[rows].name)
        rows++;
    invocation->options =
        ARENA_ARRAY(invocation->arena, struct option_value, rows);
    invocation->args =
        ARENA_ARRAY(invocation->arena, const char *, (size_t)argc + 1);
    struct reading reading = {.command = command,
                              .invocation = invocation,
                              .argc = argc,
                              .argv = argv};
    bool only_arguments = false, ok = true;
    // No option is a digit: -3 is a number that a script may ask for.
    while (ok && reading.at < argc) {
        const char *word = argv[reading.at++];
        bool is_number = word[0] == '-' && word[1] >= '0' && word[1] <= '9';
        if (only_arguments || word[0] != '-' || !word[1] || is_number)
            ok = read_argument(&reading, word);
        else if (strcmp(word, "--") == 0)
            only_arguments = true;
        else if (word[1] == '-')
            ok = read_long(&reading, str_from(word + 2));
        else
            ok = read_short(&reading, word + 1);
    }
    if (ok && reading.wants_help)
        return OPTIONS_HELP;
    return ok && check_required(&reading) ? OPTIONS_GOOD : OPTIONS_WRONG;
}

// --- help ---

void options_help(const struct command *command, const char *program,
                  FILE *out) {
    if (command->help) {
        command->help(program, out);
        return;
    }
    fprintf(out, "usage: mctrace %s %s\n\n%s\n\n", command->name,
            command->usage, command->summary);
    for (const struct option_row *row = command->options; row->name; row++) {
        char names[64];
        char letter[] = {'-', row->letter, ',', 0};
        snprintf(names, sizeof names, "%3s --%s%s%s", row->letter ? letter : "",
                 row->name, row->value_name ? "=" : "",
                 row->value_name ? row->value_name : "");
        fprintf(out, "  %-28s %s%s\n", names, row->help,
                row->required ? " (required)" : "");
    }
    fprintf(out, "  %-28s %s\n", " -h, --help", "this");
}
