// c_compile.c: running a C compiler.
//
// It is a command of the user's, so the shell takes it apart: --cc="ccache
// clang --target=..." is as good as a name. The C is its standard input, what
// it says is kept, and shown if it fails. What it made must be for the machine
// at hand.

#include "codegen/c.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

// What the contract in codegen.h asks for, of gcc and clang alike.
#define FLAGS                                                                  \
    "-std=gnu11 -O2 -w -ffreestanding -fvisibility=hidden -fwrapv "            \
    "-fno-strict-aliasing -fno-stack-protector -fomit-frame-pointer "          \
    "-fno-asynchronous-unwind-tables -fno-unwind-tables -fno-jump-tables "     \
    "-fno-lto -foptimize-sibling-calls"

struct str c_flags(const struct codegen_input *input) {
    const char *processor = input->cc_processor;
    return str_format(input->arena, FLAGS " %s%s%s", input->arch->cc_flags,
                      processor ? " " : "", processor ? processor : "");
}

const char *c_compiler(const struct codegen_input *input) {
    return input->cc ? input->cc : input->arch->cc;
}

struct run {
    const struct codegen_input *input;
    struct diag *diag;
    char folder[512], made[540]; // what the compiler writes
    int in, said;                // its input, and its messages
};

static bool refuse(const struct run *run, const char *why) {
    diag_error_at(run->diag, R_COMPILER, NULL, "%s: %s", c_compiler(run->input),
                  why);
    return false;
}

static bool refuse_error(const struct run *run) {
    return refuse(run, strerror(errno));
}

// --- files around it ---

static bool write_all(int fd, struct str text) {
    while (text.n) {
        ssize_t n = write(fd, text.p, text.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        text = str_slice(text, (size_t)n, text.n);
    }
    return lseek(fd, 0, SEEK_SET) == 0;
}

static bool set_up(struct run *run, struct str text) {
    const char *place = getenv("TMPDIR");
    snprintf(run->folder, sizeof run->folder, "%.480s/mctrace-XXXXXX",
             place && place[0] ? place : "/tmp");
    run->in = memfd_create("c", MFD_CLOEXEC);
    run->said = memfd_create("messages", MFD_CLOEXEC);
    if (!mkdtemp(run->folder)) {
        run->folder[0] = '\0';
        return refuse_error(run);
    }
    snprintf(run->made, sizeof run->made, "%s/made", run->folder);
    return (run->in >= 0 && run->said >= 0 && write_all(run->in, text)) ||
           refuse_error(run);
}

static void tear_down(struct run *run) {
    if (run->in >= 0)
        close(run->in);
    if (run->said >= 0)
        close(run->said);
    if (run->folder[0] == '\0')
        return;
    unlink(run->made);
    rmdir(run->folder);
}

// --- running it ---

static const char **make_words(const struct run *run, enum c_goal goal) {
    struct arena *arena = run->input->arena;
    struct str command = str_format(
        arena, "exec %s %.*s %s -o \"$1\" -x c -", c_compiler(run->input),
        STR_ARGS(c_flags(run->input)), goal == C_TO_ASSEMBLY ? "-S" : "-c");
    const char **words = ARENA_ARRAY(arena, const char *, 6);
    words[0] = "sh";
    words[1] = "-c";
    words[2] = command.p;
    words[3] = "sh"; // as which it speaks
    words[4] = run->made;
    return words;
}

// The beginning of what the compiler said, and that it said it.
static bool refuse_status(const struct run *run, int status) {
    char said[4096];
    ssize_t n = pread(run->said, said, sizeof said - 1, 0);
    while (n > 0 && said[n - 1] == '\n')
        n--;
    said[n > 0 ? n : 0] = '\0';
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
        diag_error_at(run->diag, R_COMPILER, NULL,
                      "%s: there is no such C compiler; --cc=COMMAND names "
                      "one, --codegen=llvm needs none",
                      c_compiler(run->input));
    else
        diag_error_at(run->diag, R_COMPILER, NULL,
                      "%s could not compile the generated C%s%s",
                      c_compiler(run->input), n > 0 ? ":\n" : "", said);
    diag_help(run->diag, "--save-c=FILE keeps what it was given");
    return false;
}

static bool run_compiler(const struct run *run, enum c_goal goal) {
    posix_spawn_file_actions_t actions;
    if (posix_spawn_file_actions_init(&actions) != 0)
        return refuse_error(run);
    posix_spawn_file_actions_adddup2(&actions, run->in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, run->said, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, run->said, STDERR_FILENO);
    pid_t child;
    // The words are not changed; the interface is older than const.
    errno =
        posix_spawn(&child, "/bin/sh", &actions, NULL,
                    (char *const *)(uintptr_t)make_words(run, goal), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (errno)
        return refuse_error(run);
    int status;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    return (WIFEXITED(status) && WEXITSTATUS(status) == 0) ||
           refuse_status(run, status);
}

// --- what it made ---

static bool refuse_made(const struct run *run, const char *what) {
    diag_error_at(run->diag, R_COMPILER, NULL,
                  "%s made %s, not an object for %s", c_compiler(run->input),
                  what, run->input->arch->name);
    diag_help(run->diag, "--cc=COMMAND names a compiler for it; arguments may "
                         "be part of the command");
    return false;
}

static bool read_made(const struct run *run, struct slice *bytes) {
    struct file file;
    if (access(run->made, R_OK) != 0)
        return refuse_made(run, "nothing");
    if (!file_open(&file, run->made, run->diag))
        return false;
    bytes->p =
        arena_grow(run->input->arena, file.data.p, file.data.n, file.data.n);
    bytes->n = file.data.n;
    file_close(&file);
    return true;
}

// The head of an ELF file: class, byte order, kind, machine.
static bool check_object(const struct run *run, struct slice bytes) {
    const struct arch *arch = run->input->arch;
    struct reader in = reader_open(bytes, arch->order);
    bool is_elf = bytes.n > EI_NIDENT && memcmp(bytes.p, ELFMAG, SELFMAG) == 0;
    if (!is_elf)
        return refuse_made(run, "no ELF file");
    bool fits =
        bytes.p[EI_CLASS] == (arch->bits == 64 ? ELFCLASS64 : ELFCLASS32) &&
        bytes.p[EI_DATA] ==
            (arch->order == ORDER_LITTLE ? ELFDATA2LSB : ELFDATA2MSB);
    reader_seek(&in, EI_NIDENT);
    uint64_t kind = reader_uint(&in, 2), machine = reader_uint(&in, 2);
    return (fits && kind == ET_REL && machine == arch->elf_machine) ||
           refuse_made(run, "something else");
}

bool c_compile_text(const struct codegen_input *input, enum c_goal goal,
                    struct str text, struct slice *made, struct diag *diag) {
    struct run run = {.input = input, .diag = diag, .in = -1, .said = -1};
    bool done = set_up(&run, text) && run_compiler(&run, goal) &&
                read_made(&run, made) &&
                (goal == C_TO_ASSEMBLY || check_object(&run, *made));
    tear_down(&run);
    return done;
}
