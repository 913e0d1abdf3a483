// trace.h: what the files of `mctrace trace` share.
//
//     trace.c           the order of a run, as dtrace(1) has it
//     trace_options.c   its command line
//     trace_tuning.c    options that concern this process
//     trace_list.c      -l
//     target.c          which file a command runs
//     watch.c           the processes: host, commands, the folder they are in
//     follow.c          what is printed while they run
//
// A run: commands are started and wait; the script is compiled, which knows
// their ids; what matched is rewritten into a temporary folder; the host runs
// BEGIN; the commands go on as the rewritten programs; what they record is
// printed; when tracing ends, the host runs END.

#ifndef MCTRACE_CMD_TRACE_H
#define MCTRACE_CMD_TRACE_H

#include <signal.h>
#include <sys/types.h>

#include "cmd/job.h"

// target.c

struct target {
    const char *command; // as given
    const char *path;    // of the file that is executed
    struct str name;     // what the kernel calls the process
    char **argv;         // ends with NULL
    size_t argc;
    // A script, before its interpreter was found; else the same again.
    const char *file;
    char **file_argv;
};
// 0, or the number of an error.
int target_find(struct arena *arena, const char *command,
                struct target *target);

// watch.c

struct watched {
    pid_t pid;
    int go;     // where it waits for the path of its file; -1: it was told
    int answer; // what went wrong with that
    bool has_ended;
};

struct watch {
    struct arena *arena;
    const char *folder; // temporary; NULL: none was made
    pid_t host;         // 0: not running
    pid_t caretaker_pid;
    int host_in, host_out, caretaker, signals;
    sigset_t mask; // of signals, as it was before
    struct watched *commands;
    size_t command_count;
    bool was_interrupted;
};

// Makes the folder. False: errno says why.
bool watch_begin(struct watch *watch, struct arena *arena);
// Starts a process that waits for watch_go() before it executes anything.
bool watch_fork(struct watch *watch, const struct target *target,
                struct watched *command);
// Starts the host and waits until BEGIN has run. False: it did not.
bool watch_start_host(struct watch *watch, const char *path, int64_t cpu);
// The command executes the file. False: errno says why it does not.
bool watch_go(struct watch *watch, struct watched *command, const char *path);
// Waits for so long, or until something has happened to a process.
void watch_wait(struct watch *watch, unsigned milliseconds);
bool watch_is_over(const struct watch *watch); // no command runs any more
// Kills the commands, has the host run END, and waits for both.
void watch_stop(struct watch *watch);
// Removes the folder; kills what is left.
void watch_end(struct watch *watch);

// trace_options.c

enum trace_mode { TRACE_RUN, TRACE_LIST, TRACE_HEADER, TRACE_OBJECT };

struct trace {
    struct arena *arena;
    struct diag *diag;
    const struct arch *arch; // of this machine
    const char *program;     // mctrace, or dtrace if called so
    enum trace_mode mode;
    bool only_compiles, is_verbose, says_version;
    const char *output; // -o
    struct ir_options options;
    // The texts in order of the command line, and of each whether it is a file.
    struct script_text *texts;
    bool *are_files;
    size_t text_count, text_room, file_room;
    const char **args; // of the script
    size_t arg_count, arg_room;
    const char **commands;
    size_t command_count, command_room;
    bool lists_everything; // -l and nothing else
    struct target *targets;
    struct job job;
    struct job **jobs; // of each command
    struct watch watch;
    int exit_status; // of a run, as the script has it
};

// Prints `program: message` on standard error.
void trace_say(const struct trace *trace, const char *format, ...)
    PRINTF_LIKE(2, 3);
// Prints `program DEBUG time: message` there, if the option debug is set or
// DTRACE_DEBUG is in the environment.
void trace_debug(const struct trace *trace, const char *format, ...)
    PRINTF_LIKE(2, 3);
bool trace_is_quiet(const struct trace *trace);
// EXIT_DONE, or the command line is wrong, which was said.
enum exit_status trace_read_options(struct trace *trace, int argc, char **argv);
void trace_help(const char *program, FILE *out);

// follow.c

// Lets the commands go and prints what is recorded until tracing ends. False:
// reported.
bool trace_follow(struct trace *trace, FILE *out);

// marker_text.c

#define MARKER_LINES_MOST 24
struct str marker_semaphore(struct arena *arena,
                            const struct ir_provider *provider,
                            const struct ir_declared_probe *probe);
// The assembly of a probe, by lines; `sigil` is what stands before the number
// of an operand. Returns how many lines.
size_t marker_lines(struct arena *arena, const struct ir_provider *provider,
                    const struct ir_declared_probe *probe, char sigil,
                    struct str lines[MARKER_LINES_MOST]);

// trace_header.c, trace_object.c

// -h and -G.
enum exit_status trace_static(struct trace *trace);
enum exit_status trace_header(struct trace *trace,
                              const struct ir_script *script, const char *path);

// trace_stability.c

// What -v says of a text, and of a probe that is listed.
void trace_stability(const struct trace *trace, size_t text, struct str title,
                     FILE *out);
void trace_probe_stability(const struct site *site, FILE *out);

// trace_tuning.c: options that concern this process, not what is traced

// setenv and unsetenv, which commands inherit.
void trace_set_environment(const struct trace *trace);
// Takes that much memory, or as much of it as there is, and keeps it for later.
void trace_preallocate(const struct trace *trace, int64_t size);
// Says of options that have nothing to govern why.
void trace_tell_inert(const struct trace *trace);
// Halves buffers until the folder has room for them. NULL: it has; else why
// there is no tracing.
const char *trace_fit_buffers(struct trace *trace);
// Ends this process with a core.
void trace_dump_core(const struct trace *trace);

// trace_list.c

enum exit_status trace_list(struct trace *trace);

#endif
