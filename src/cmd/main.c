// main.c: mctrace COMMAND OPTIONS. Under the name of dtrace, `trace` alone.
//
// Chooses the command and turns its result into the exit status: 0 done, 1
// refused (the reason was printed), 2 wrong usage. Every command works in one
// arena that is released here.

#include <string.h>

#include "cmd/cmd.h"

static const struct command *const commands[] = {
    &command_instrument, &command_extract, &command_list, &command_restore,
    &command_trace};

static void print_help(FILE *out) {
    fprintf(out, "usage: mctrace COMMAND OPTIONS\n\n"
                 "Compiles a DTrace script into a program, which is not "
                 "rebuilt, and reads back\nwhat it recorded.\n\n");
    for (size_t i = 0; i < COUNT_OF(commands); i++)
        fprintf(out, "  %-12s %s\n", commands[i]->name, commands[i]->summary);
    fprintf(out, "\n`mctrace COMMAND --help` lists the options of a command;\n"
                 "`mctrace --version` prints the version.\n");
}

static enum exit_status run(const struct command *command, const char *program,
                            int argc, char **argv) {
    struct diag diag;
    diag_init(&diag, stderr, program);
    diag.show_tags = true;
    struct invocation invocation = {.arena = arena_new(), .diag = &diag};
    enum exit_status status = EXIT_USAGE;
    switch (options_read(command, argc, argv, &invocation)) {
    case OPTIONS_GOOD: status = command->run(&invocation); break;
    case OPTIONS_HELP:
        options_help(command, program, stdout);
        status = EXIT_DONE;
        break;
    case OPTIONS_WRONG: break;
    }
    arena_free(invocation.arena);
    return status;
}

static const struct command *find_command(const char *name) {
    for (size_t i = 0; i < COUNT_OF(commands); i++)
        if (name && strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

// The first line of a script gives all that it says as one word:
// `#!/usr/bin/mctrace trace -qs`.
static char **split_first_word(struct arena *arena, int *argc, char **argv) {
    size_t room = 0, count = 0;
    char **words = NULL;
    if (*argc < 2 || !strchr(argv[1], ' '))
        return argv;
    *ARENA_PUSH(arena, words, count, room) = argv[0];
    for (const char *at = argv[1]; *at;) {
        size_t len = strcspn(at, " ");
        if (len > 0)
            *ARENA_PUSH(arena, words, count, room) =
                (char *)str_copy(arena, (struct str){at, len}).p;
        at += len + (at[len] == ' ');
    }
    for (int i = 2; i < *argc; i++)
        *ARENA_PUSH(arena, words, count, room) = argv[i];
    *argc = (int)count;
    *ARENA_PUSH(arena, words, count, room) = NULL;
    return words;
}

static enum exit_status choose(int argc, char **argv) {
    if (argc < 2) {
        print_help(stderr);
        return EXIT_USAGE;
    }
    const char *word = argv[1];
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 ||
        (strcmp(word, "help") == 0 && argc == 2)) {
        print_help(stdout);
        return EXIT_DONE;
    }
    if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0) {
        printf("mctrace %s\n", MCTRACE_VERSION);
        return EXIT_DONE;
    }
    bool is_help = strcmp(word, "help") == 0;
    const struct command *command = find_command(is_help ? argv[2] : word);
    if (command && is_help) {
        options_help(command, "mctrace", stdout);
        return EXIT_DONE;
    }
    if (command)
        return run(command, "mctrace", argc - 2, argv + 2);
    fprintf(stderr,
            "mctrace: error: there is no command %s; try `mctrace "
            "--help`\n",
            is_help ? argv[2] : word);
    return EXIT_USAGE;
}

int main(int argc, char **argv) {
    struct str name = str_base_name(str_from(argc > 0 ? argv[0] : ""));
    struct arena *arena = arena_new();
    enum exit_status status;
    if (str_equal(name, STR("dtrace"))) {
        status = run(&command_trace, "dtrace", argc - 1, argv + 1);
    } else {
        char **words = split_first_word(arena, &argc, argv);
        status = choose(argc, words);
    }
    arena_free(arena);
    // What did not reach standard output is a failure too.
    if ((fflush(stdout) != 0 || ferror(stdout)) && status == EXIT_DONE) {
        fprintf(stderr, "mctrace: error: cannot write to standard output\n");
        status = EXIT_REFUSED;
    }
    return status;
}
