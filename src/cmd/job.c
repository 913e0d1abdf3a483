// job.c: what the user sees while `instrument` works: nothing, unless it is a
// terminal and takes more than a second.

#include <unistd.h>

#include "cmd/job.h"

double job_seconds(const struct job *job) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - job->started.tv_sec) +
           (double)(now.tv_nsec - job->started.tv_nsec) / 1e9;
}

void progress(struct job *job, const char *what, struct str name) {
    if (job_seconds(job) < 1 || !isatty(STDERR_FILENO))
        return;
    job->shows_progress = true;
    // The cursor goes back, so that a message writes over this.
    fprintf(stderr, "\r\033[Kmctrace: %s %.*s ...\r", what, STR_ARGS(name));
}

void progress_end(struct job *job) {
    if (job->shows_progress)
        fputs("\033[K", stderr);
    job->shows_progress = false;
}
