// target.c: which file a command of `mctrace trace -c` runs.
//
// Words are split at blanks alone, as dtrace(1) does. The file is found as
// execvp(3) would; a script leads to its interpreter as in execve(2), which is
// then what is traced, under the script's name: that is what the kernel would
// call the process.

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/trace.h"

#define MOST_INTERPRETERS 5 // as many as Linux follows

// --- words ---

static void split(struct arena *arena, const char *text,
                  struct target *target) {
    size_t room = 0;
    for (;;) {
        text += strspn(text, " \t\n");
        size_t len = strcspn(text, " \t\n");
        if (len == 0)
            break;
        *ARENA_PUSH(arena, target->argv, target->argc, room) =
            (char *)str_copy(arena, (struct str){text, len}).p;
        text += len;
    }
}

// Words before those of the target; the list ends with NULL.
static void prepend(struct arena *arena, struct target *target,
                    char *const *words, size_t count) {
    char **argv = ARENA_ARRAY(arena, char *, target->argc + count + 1);
    for (size_t i = 0; i < count; i++)
        argv[i] = words[i];
    for (size_t i = 0; i < target->argc; i++)
        argv[count + i] = target->argv[i];
    target->argv = argv;
    target->argc += count;
}

// --- files ---

// Why a file cannot be executed; 0: it can.
static int check(const char *path) {
    struct stat st;
    if (stat(path, &st) < 0)
        return errno;
    if (!S_ISREG(st.st_mode))
        return EACCES;
    return access(path, X_OK) < 0 ? errno : 0;
}

static int find(struct arena *arena, const char *name, const char **path) {
    *path = name;
    if (strchr(name, '/'))
        return check(name);
    const char *folders = getenv("PATH");
    if (!folders)
        folders = "/bin:/usr/bin";
    int problem = ENOENT;
    for (;;) {
        size_t len = strcspn(folders, ":");
        *path = len == 0
                    ? name
                    : str_format(arena, "%.*s/%s", (int)len, folders, name).p;
        int error = check(*path);
        if (error == 0)
            return 0;
        if (error != ENOENT && error != ENOTDIR)
            problem = error;
        if (!folders[len])
            return problem;
        folders += len + 1;
    }
}

// The line behind "#!" of a script; 0: it is none. A file that is neither a
// script nor known to the kernel is one of the shell's, as for execvp().
static size_t read_first_line(const char *path, char *line, size_t room) {
    FILE *file = fopen(path, "re");
    size_t len = file ? fread(line, 1, room - 1, file) : 0;
    if (file)
        fclose(file);
    line[len] = 0;
    if (len < 4 || memcmp(line,
                          "\x7f"
                          "ELF",
                          4) == 0)
        return 0;
    if (line[0] != '#' || line[1] != '!')
        return (size_t)snprintf(line, room, "#!/bin/sh");
    line[strcspn(line, "\n")] = 0;
    return strlen(line);
}

// `path` was a script: its interpreter runs it.
static bool follow(struct arena *arena, struct target *target) {
    char line[256];
    if (read_first_line(target->path, line, sizeof line) == 0)
        return false;
    struct target words = {0};
    split(arena, line + 2, &words);
    if (words.argc == 0)
        return false;
    // All behind the interpreter is one argument.
    const char *rest = strstr(line + 2, words.argv[0]) + strlen(words.argv[0]);
    rest += strspn(rest, " \t");
    size_t len = strlen(rest);
    while (len > 0 && strchr(" \t\r", rest[len - 1]))
        len--;
    char *head[3] = {words.argv[0]};
    size_t count = 1;
    if (len > 0)
        head[count++] = (char *)str_copy(arena, (struct str){rest, len}).p;
    head[count++] = (char *)target->path;
    if (target->argc > 0) { // the script's path takes the place of its name
        target->argv++;
        target->argc--;
    }
    prepend(arena, target, head, count);
    target->path = words.argv[0];
    return true;
}

int target_find(struct arena *arena, const char *command,
                struct target *target) {
    *target = (struct target){.command = command};
    split(arena, command, target);
    if (target->argc == 0)
        return ENOENT;
    prepend(arena, target, NULL, 0);
    int problem = find(arena, target->argv[0], &target->path);
    target->name = str_base_name(str_from(target->path));
    target->file = target->path;
    target->file_argv = target->argv;
    for (unsigned i = 0; problem == 0 && i < MOST_INTERPRETERS; i++) {
        if (!follow(arena, target))
            return 0;
        problem = check(target->path);
    }
    return problem ? problem : ELOOP;
}
