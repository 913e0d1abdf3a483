// links.c: how the rewritten program finds the copies of its libraries.
//
// image/closure_copies.c decides it. What is left is the loader: the kernel
// opens it by the path that the program names, and knows no $ORIGIN.

#include <stdlib.h>

#include "cmd/job.h"

static bool name_loader(struct job *job, const struct library *loader) {
    struct str output = str_from(job->output);
    size_t folder_len = output.n - str_base_name(output).n;
    char *folder = realpath(
        str_format(job->arena, "%.*s.", (int)folder_len, output.p).p, NULL);
    if (!folder) {
        diag_error_at(job->diag, U_FILE, job->output,
                      "its folder cannot be found");
        return false;
    }
    job->interpreter =
        str_format(job->arena, "%s/%.*s.libs/%.*s", folder,
                   STR_ARGS(str_base_name(output)),
                   STR_ARGS(closure_copy_name(job->arena, loader)));
    free(folder);
    return true;
}

bool links_make(struct job *job) {
    for (size_t i = 1; i < job->own_count; i++) {
        struct unit *unit = &job->units[i];
        unit->library->is_copied = unit->is_touched;
        if (unit->is_touched && unit->is_loader &&
            !name_loader(job, unit->library))
            return false;
    }
    for (size_t i = 0; i < job->other_count; i++)
        if (!links_make(&job->others[i]))
            return false;
    // A library by itself looks for others as it did.
    return !job->units[0].image->is_program ||
           closure_copy(job->units[0].image, job->output, job->arena,
                        job->libraries, job->library_count, &job->links,
                        job->diag);
}
