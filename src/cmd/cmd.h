// cmd.h: sub-commands. Each is a file and a row in main.c.

#ifndef MCTRACE_CMD_H
#define MCTRACE_CMD_H

#include "base/base.h"

#define MCTRACE_VERSION "0.1"

enum exit_status { EXIT_DONE = 0, EXIT_REFUSED = 1, EXIT_USAGE = 2 };

enum option_kind { OPTION_FLAG, OPTION_VALUE, OPTION_MANY };

// One option: `--long=value`, `--long value`, `-s value`, `-svalue`.
struct option_row {
    const char *name; // "output"
    char letter;      // 0: none
    uint8_t kind;     // enum option_kind
    bool required;
    const char *value_name, *help;
};

// What the command line gave, in the order of the rows.
struct option_value {
    bool given;
    const char *value;   // the last one
    const char **values; // OPTION_MANY: all
    size_t count;
};

struct invocation {
    struct arena *arena;
    struct diag *diag;
    struct option_value *options; // by row
    const char **args;            // what is left
    size_t arg_count;
};

struct command {
    const char *name, *summary, *usage;
    const struct option_row *options; // ends with a NULL name
    bool takes_args;
    // Of a command that reads its command line, all of which is in `args`, by
    // itself: prints what it takes. NULL: it goes by `options`.
    void (*help)(const char *program, FILE *out);
    enum exit_status (*run)(struct invocation *invocation);
};

extern const struct command command_instrument, command_extract, command_list,
    command_restore, command_trace;

// options.c

enum options_result { OPTIONS_GOOD, OPTIONS_HELP, OPTIONS_WRONG };

// Reads the options of a command from the words behind its name. Wrong usage
// has been reported.
enum options_result options_read(const struct command *command, int argc,
                                 char **argv, struct invocation *invocation);
void options_help(const struct command *command, const char *program,
                  FILE *out);

// Reports wrong usage of a command and returns EXIT_USAGE.
enum exit_status usage_error(const struct command *command, struct diag *diag,
                             const char *format, ...) PRINTF_LIKE(3, 4);

#endif
