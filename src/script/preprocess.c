// preprocess.c: a script through the system's C preprocessor, as -C asks for.
//
//     cpp -D__SUNW_D=1 ... -Dname -Ipath -Uname  <script  >text with line
//     markers
//
// Line markers in the result lead messages back to the file the user wrote. A
// first line "#!" is none of the preprocessor's: it becomes empty.

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "script/script.h"

// The command being put together.
struct command {
    struct arena *arena;
    const char **words;
    size_t count, room;
};

static void add_word(struct command *command, const char *mark,
                     struct str value) {
    struct str word =
        str_format(command->arena, "%s%.*s", mark, STR_ARGS(value));
    *ARENA_PUSH(command->arena, command->words, command->count, command->room) =
        str_terminated(command->arena, word);
}

// Words of cppargs stand for themselves.
static void add_options(struct command *command,
                        const struct ir_options *options) {
    static const struct {
        uint8_t option;
        const char *mark;
    } rows[] = {{IR_OPTION_define, "-D"},
                {IR_OPTION_undef, "-U"},
                {IR_OPTION_incdir, "-I"},
                {IR_OPTION_cppargs, ""}};
    for (const struct ir_option_text *text = options->texts; text;
         text = text->next)
        for (size_t i = 0; i < COUNT_OF(rows); i++)
            if (text->option == rows[i].option)
                add_word(command, rows[i].mark, text->value);
}

static const char *const *make_command(struct arena *arena,
                                       const struct ir_options *options) {
    static const char *const stdc[] = {
        [IR_STDC_A] = NULL,
        [IR_STDC_C] = NULL,
        [IR_STDC_S] = "-U__STDC__",
        [IR_STDC_T] = "-U__STDC__", // and defined anew, as 0
    };
    // As with dtrace(1). D has none of what GNU C adds to C.
    static const char *const predefined[] = {"-D__linux",
                                             "-D__unix",
                                             "-D__SVR4",
                                             "-D__Linux",
                                             "-D__SUNW_D=1",
                                             "-D__SUNW_D_64",
                                             "-D__SUNW_D_VERSION=0x02000000",
                                             "-U__GNUC__"};
    struct command command = {.arena = arena};
    struct str path = STR("cpp");
    for (const struct ir_option_text *text = options->texts; text;
         text = text->next)
        if (text->option == IR_OPTION_cpppath)
            path = text->value;
    int64_t dialect = options->values[IR_OPTION_stdc];
    add_word(&command, "", path);
    for (size_t i = 0; i < COUNT_OF(predefined); i++)
        add_word(&command, predefined[i], (struct str){0});
    if (stdc[dialect])
        add_word(&command, stdc[dialect], (struct str){0});
    if (dialect == IR_STDC_T)
        add_word(&command, "-D__STDC__=0", (struct str){0});
    if (options->values[IR_OPTION_cpphdrs])
        add_word(&command, "-H", (struct str){0});
    add_options(&command, options);
    add_word(&command, "-", (struct str){0});
    *ARENA_PUSH(arena, command.words, command.count, command.room) = NULL;
    return command.words;
}

// --- running it ---

static bool write_all(int fd, struct str text) {
    while (text.n) {
        ssize_t n = write(fd, text.p, text.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        text = str_slice(text, (size_t)n, text.n);
    }
    return true;
}

static bool read_all(struct arena *arena, int fd, struct str *text) {
    struct stat info;
    if (fstat(fd, &info) != 0)
        return false;
    size_t size = (size_t)info.st_size, got = 0;
    char *p = arena_alloc(arena, size + 1);
    while (got < size) {
        ssize_t n = pread(fd, p + got, size - got, (off_t)got);
        if (n <= 0)
            return false;
        got += (size_t)n;
    }
    *text = (struct str){p, size};
    return true;
}

// What the preprocessor reads: a line marker and the script.
static bool fill_input(struct arena *arena, int fd,
                       const struct source *source) {
    struct str text = source->text;
    size_t skipped = 0;
    if (str_starts_with(text, STR("#!")))
        while (skipped < text.n && text.p[skipped] != '\n')
            skipped++;
    struct str marker =
        str_format(arena, "# 1 \"%.*s\"\n", STR_ARGS(source->name));
    return write_all(fd, marker) &&
           write_all(fd, str_slice(text, skipped, text.n)) &&
           lseek(fd, 0, SEEK_SET) == 0;
}

// NULL, or why it failed, in DTrace's words.
static const char *run(const char *const *words, int in, int out) {
    posix_spawn_file_actions_t actions;
    if (posix_spawn_file_actions_init(&actions) != 0)
        return "Failed to invoke preprocessor";
    posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    pid_t child;
    // The words are not changed; the interface is older than const.
    int error = posix_spawnp(&child, words[0], &actions, NULL,
                             (char *const *)(uintptr_t)words, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error)
        return error == ENOENT ? "Preprocessor not found"
                               : "Failed to invoke preprocessor";
    int status;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
        return "Preprocessor not found";
    return WIFEXITED(status) && WEXITSTATUS(status) == 0
               ? NULL
               : "Preprocessor failed to process input program";
}

bool script_preprocess(struct arena *arena, struct source *source,
                       const struct ir_options *options, struct diag *diag) {
    const char *problem = "Failed to invoke preprocessor";
    int in = memfd_create("script", MFD_CLOEXEC);
    int out = memfd_create("preprocessed", MFD_CLOEXEC);
    if (in >= 0 && out >= 0 && fill_input(arena, in, source))
        problem = run(make_command(arena, options), in, out);
    struct str text;
    if (!problem && !read_all(arena, out, &text))
        problem = "Failed to read the preprocessor's output";
    if (in >= 0)
        close(in);
    if (out >= 0)
        close(out);
    if (problem)
        diag_failure(diag, U_CPP, source, problem);
    else
        source->text = text;
    return !problem;
}
