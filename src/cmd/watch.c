// watch.c: the processes of a traced run.
//
//     mctrace ---- host        BEGIN and END fire in it
//        |-------- command     as many as there are -c; started early, as the
//        |                     script may ask for their ids, they wait for
//        |                     the file they are to execute
//        `-------- caretaker   removes the temporary folder when mctrace is
//                              gone, however it ended
//
// Signals are read from a descriptor, between two steps, so that nothing is
// ever interrupted halfway. A command dies with mctrace, as it does with
// dtrace(1); the host sees the end of its input.

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd/trace.h"

static void close_one(int *fd) {
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

// Reads all that is asked for, or up to the end.
static size_t read_all(int fd, void *to, size_t len) {
    size_t done = 0;
    while (done < len) {
        ssize_t got = read(fd, (char *)to + done, len - done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        done += (size_t)got;
    }
    return done;
}

// --- the folder ---

static int remove_one(const char *path, const struct stat *st, int type,
                      struct FTW *ftw) {
    (void)st, (void)type, (void)ftw;
    remove(path);
    return 0;
}

static void remove_tree(const char *folder) {
    nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

// Nothing of it may hold what others wait for the end of, nor be ended by what
// ends all the others.
static void take_care(const char *folder, int pipe_end, int signals) {
    setsid();
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int fd = 0; fd < 3 && null >= 0; fd++)
        dup2(null, fd);
    close(signals);
    char byte;
    read_all(pipe_end, &byte, 1);
    remove_tree(folder);
    _exit(0);
}

static bool start_caretaker(struct watch *watch) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return false;
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[1]);
        take_care(watch->folder, ends[0], watch->signals);
    }
    close(ends[0]);
    if (pid < 0) {
        close(ends[1]);
        return false;
    }
    watch->caretaker_pid = pid;
    watch->caretaker = ends[1];
    return true;
}

bool watch_begin(struct watch *watch, struct arena *arena) {
    watch->arena = arena;
    watch->host_in = watch->host_out = watch->caretaker = watch->signals = -1;
    sigset_t taken;
    sigemptyset(&taken);
    sigaddset(&taken, SIGINT);
    sigaddset(&taken, SIGTERM);
    sigaddset(&taken, SIGCHLD);
    sigprocmask(SIG_BLOCK, &taken, &watch->mask);
    watch->signals = signalfd(-1, &taken, SFD_CLOEXEC | SFD_NONBLOCK);
    const char *parent = getenv("TMPDIR");
    if (!parent || parent[0] != '/')
        parent = "/tmp";
    char *folder = (char *)str_format(arena, "%s/mctrace-XXXXXX", parent).p;
    if (watch->signals < 0 || !mkdtemp(folder))
        return false;
    watch->folder = folder;
    return start_caretaker(watch);
}

// --- starting ---

// What a process that was just forked forgets of ours.
static void become_child(const struct watch *watch) {
    close(watch->caretaker);
    sigprocmask(SIG_SETMASK, &watch->mask, NULL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static void run_command(const struct target *target, int go, int answer) {
    char path[4096];
    size_t len = read_all(go, path, sizeof path);
    if (len == 0 || path[len - 1])
        _exit(127); // nobody is there any more
    // The file itself, or what was made of what runs it.
    bool is_itself = strcmp(path, target->file) == 0;
    execve(path, is_itself ? target->file_argv : target->argv, environ);
    int error = errno;
    if (write(answer, &error, sizeof error) < 0)
        _exit(126);
    _exit(127);
}

bool watch_fork(struct watch *watch, const struct target *target,
                struct watched *command) {
    int go[2], answer[2];
    if (pipe2(go, O_CLOEXEC) < 0)
        return false;
    if (pipe2(answer, O_CLOEXEC) < 0) {
        close(go[0]);
        close(go[1]);
        return false;
    }
    command->pid = fork();
    if (command->pid == 0) {
        become_child(watch);
        // Those before are not to wait for this one.
        for (size_t i = 0; i < watch->command_count; i++)
            close(watch->commands[i].go);
        close(go[1]);
        close(answer[0]);
        run_command(target, go[0], answer[1]);
    }
    close(go[0]);
    close(answer[1]);
    command->go = go[1];
    command->answer = answer[0];
    return command->pid > 0;
}

bool watch_go(struct watch *watch, struct watched *command, const char *path) {
    (void)watch;
    size_t len = strlen(path) + 1;
    bool told = write(command->go, path, len) == (ssize_t)len;
    close_one(&command->go);
    int error = EPIPE;
    // Execution closes the other end.
    bool failed = !told || read_all(command->answer, &error, sizeof error) > 0;
    close_one(&command->answer);
    errno = error;
    return !failed;
}

// The host stays on one CPU if the option says which; one that is not there
// leaves it where it is.
static void stay_on(int64_t cpu) {
    cpu_set_t *set = cpu < 0 ? NULL : CPU_ALLOC((size_t)cpu + 1);
    size_t len = CPU_ALLOC_SIZE((size_t)cpu + 1);
    if (!set)
        return;
    CPU_ZERO_S(len, set);
    CPU_SET_S((size_t)cpu, len, set);
    sched_setaffinity(0, len, set);
    CPU_FREE(set);
}

bool watch_start_host(struct watch *watch, const char *path, int64_t cpu) {
    static const int ignored[] = {SIGINT, SIGTERM, SIGQUIT, SIGHUP};
    int in[2], out[2];
    if (pipe2(in, O_CLOEXEC) < 0)
        return false;
    if (pipe2(out, O_CLOEXEC) < 0) {
        close(in[0]);
        close(in[1]);
        return false;
    }
    pid_t pid = fork();
    if (pid == 0) {
        for (size_t i = 0; i < COUNT_OF(ignored); i++)
            signal(ignored[i], SIG_IGN);
        sigprocmask(SIG_SETMASK, &watch->mask, NULL);
        stay_on(cpu);
        dup2(in[0], 0);
        dup2(out[1], 1);
        char *argv[] = {JOB_HOST_NAME, NULL};
        execve(path, argv, environ);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    watch->host_in = in[1];
    watch->host_out = out[0];
    watch->host = pid > 0 ? pid : 0;
    char byte;
    return pid > 0 && read_all(watch->host_out, &byte, 1) == 1;
}

// --- waiting ---

static void reap(struct watched *command, int flags) {
    if (command->has_ended || command->pid <= 0)
        return;
    pid_t pid;
    do
        pid = waitpid(command->pid, NULL, flags);
    while (pid < 0 && errno == EINTR);
    command->has_ended = pid != 0;
}

static void read_signals(struct watch *watch) {
    struct signalfd_siginfo info;
    while (read(watch->signals, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo != SIGCHLD) {
            watch->was_interrupted = true;
            continue;
        }
        for (size_t i = 0; i < watch->command_count; i++)
            reap(&watch->commands[i], WNOHANG);
    }
}

void watch_wait(struct watch *watch, unsigned milliseconds) {
    struct pollfd poll_fd = {.fd = watch->signals, .events = POLLIN};
    poll(&poll_fd, 1, (int)milliseconds);
    read_signals(watch);
}

bool watch_is_over(const struct watch *watch) {
    for (size_t i = 0; i < watch->command_count; i++)
        if (!watch->commands[i].has_ended)
            return false;
    return watch->command_count > 0;
}

// --- ending ---

static void kill_command(struct watched *command) {
    close_one(&command->go);
    close_one(&command->answer);
    if (command->pid > 0 && !command->has_ended)
        kill(command->pid, SIGKILL);
    reap(command, 0);
}

void watch_stop(struct watch *watch) {
    for (size_t i = 0; i < watch->command_count; i++)
        kill_command(&watch->commands[i]);
    close_one(&watch->host_in);
    close_one(&watch->host_out);
    while (watch->host > 0 && waitpid(watch->host, NULL, 0) < 0 &&
           errno == EINTR)
        continue;
    watch->host = 0;
}

void watch_end(struct watch *watch) {
    if (!watch->arena)
        return;
    watch_stop(watch);
    if (watch->folder)
        remove_tree(watch->folder);
    close_one(&watch->caretaker);
    if (watch->caretaker_pid > 0)
        waitpid(watch->caretaker_pid, NULL, 0);
    close_one(&watch->signals);
    sigprocmask(SIG_SETMASK, &watch->mask, NULL);
}
