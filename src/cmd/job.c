// job.c: what the user sees while a job is done: nothing, unless it is a
// terminal and takes more than a second, or something cannot be reached.

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

void job_tell_unread(struct job *job, size_t most) {
    const struct folder *folder = &job->folder;
    for (size_t i = 0; i < folder->unread_count && i < most; i++) {
        const struct unread_operand *unread = &folder->unread[i];
        const struct site *site = unread->site;
        diag_warning_at(job->diag, R_OPERAND,
                        str_terminated(job->arena, site->program->image->path),
                        "arg%llu of %.*s:%.*s:%.*s:%.*s at 0x%llx is 0: "
                        "nothing tells what '%.*s' is",
                        (unsigned long long)unread->number,
                        STR_ARGS(site->provider), STR_ARGS(site->module),
                        STR_ARGS(site->probefunc), STR_ARGS(site->name),
                        (unsigned long long)site->va, STR_ARGS(unread->text));
    }
}

// Whether the probe is where the address for a result is kept, and whose.
static bool keeps_result(const struct job *job, const struct site *site) {
    if (site->kind != SITE_ENTRY || !site_is_internal(site))
        return false;
    for (size_t i = 0; i < job->script->own_count; i++)
        for (size_t k = 0; k < job->script->own_probes[i].desc_count; k++)
            if (str_equal(job->script->own_probes[i].descs[k].function,
                          site->probefunc))
                return true;
    return false;
}

void job_tell_missed_results(struct job *job) {
    for (size_t i = 0; i < job->unit_count; i++) {
        const struct rewrite_result *result = &job->units[i].result;
        for (size_t k = 0; k < result->site_count; k++) {
            const struct site_report *report = &result->sites[k];
            if (report->tactic != TACTIC_MISSED ||
                !keeps_result(job, report->site))
                continue;
            diag_warning_at(
                job->diag, R_MISSED, job->binary,
                "args[1] of %.*s will not be there: its address is told at the "
                "entry, which is missed: %s",
                STR_ARGS(report->site->probefunc),
                report->reason ? report->reason : "no tactic reaches it");
        }
    }
}

void job_tell_missed(struct job *job, uint64_t most) {
    for (size_t i = 0; i < job->unit_count; i++) {
        const struct rewrite_result *result = &job->units[i].result;
        struct str path = job->units[i].image->path;
        for (size_t k = 0; k < result->site_count && most > 0; k++) {
            const struct site_report *report = &result->sites[k];
            const struct site *site = report->site;
            if (report->tactic != TACTIC_MISSED || site_is_internal(site))
                continue;
            diag_warning_at(
                job->diag, R_MISSED, str_terminated(job->arena, path),
                "missed %.*s:%.*s:%.*s:%.*s at 0x%llx: %s",
                STR_ARGS(site->provider), STR_ARGS(site->module),
                STR_ARGS(site->probefunc), STR_ARGS(site->name),
                (unsigned long long)site->va,
                report->reason ? report->reason : "no tactic reaches it");
            most--;
        }
    }
}
