// outputs.c: everything that `instrument` writes, or nothing.
//
//     foo.inst         the program
//     foo.inst.libs/   its instrumented libraries, if there are any, and copies
//                      of those that would lead past them
//     mapping, report  as asked for
//
// The folder is written under another name and takes its place when it is
// whole; the program, which is useless without it, comes after it. When
// anything fails, what was written is removed again. A folder of that name is
// only replaced if it holds nothing but instrumented libraries of ours.

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/job.h"

static bool fail(struct job *job, const char *path, const char *what) {
    diag_error_at(job->diag, U_FILE, path, "%s: %s", what, strerror(errno));
    return false;
}

// --- before any work ---

static bool is_same_file(const char *a, const char *b) {
    struct stat first, second;
    return stat(a, &first) == 0 && stat(b, &second) == 0 &&
           first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

static bool check_output(struct job *job, const char *path) {
    if (!path)
        return true;
    const char *inputs[] = {job->binary, job->script_file.data.p
                                             ? job->texts->source->name.p
                                             : NULL};
    for (size_t i = 0; i < COUNT_OF(inputs); i++) {
        if (inputs[i] && is_same_file(path, inputs[i])) {
            diag_error_at(job->diag, U_USAGE, path,
                          "the output would overwrite the input");
            return false;
        }
    }
    return true;
}

bool outputs_check(struct job *job) {
    const char *outputs[] = {job->output,  job->mapping_path, job->report_path,
                             job->save_ir, job->save_asm,     job->save_object};
    for (size_t i = 0; i < COUNT_OF(outputs); i++)
        if (!check_output(job, outputs[i]))
            return false;
    size_t room = sizeof((struct mct_config *)0)->path;
    if (!job->persistence)
        return true; // as far as an operating system goes
    if (job->persistence[0] && strlen(job->persistence) < room)
        return true;
    diag_error_at(job->diag, U_USAGE, NULL,
                  "the path of the persistence file must have 1 to %zu bytes",
                  room - 1);
    return false;
}

// --- the folder ---

// Calls `each` with everything in a folder, folders after what is in them;
// false when one call was.
static bool for_each_file(struct job *job, const char *folder,
                          bool (*each)(struct job *job, const char *path)) {
    DIR *dir = opendir(folder);
    bool ok = dir != NULL;
    struct dirent *entry;
    while (ok && (entry = readdir(dir))) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        const char *path =
            str_format(job->arena, "%s/%s", folder, entry->d_name).p;
        struct stat st;
        if (lstat(path, &st) == 0 && S_ISDIR(st.st_mode))
            ok = for_each_file(job, path, each);
        ok = ok && each(job, path);
    }
    if (dir)
        closedir(dir);
    return ok;
}

static bool is_ours(struct job *job, const char *path) {
    struct diag quiet = {.quiet = true};
    struct stat st;
    if (lstat(path, &st) < 0)
        return false;
    if (!S_ISREG(st.st_mode))
        return S_ISDIR(st.st_mode);
    struct image *image = image_open(job->arena, path, &quiet);
    bool result = image && image_is_instrumented(image);
    image_close(image);
    return result;
}

static bool remove_file(struct job *job, const char *path) {
    (void)job;
    return remove(path) == 0;
}

static void remove_folder(struct job *job, const char *folder) {
    for_each_file(job, folder, remove_file);
    rmdir(folder);
}

struct folder_swap {
    const char *path;  // foo.inst.libs
    const char *fresh; // what was written now; NULL: no libraries
    const char *old;   // where the one of before stands aside; NULL: none
    bool is_in_place;
};

static size_t count_libraries(const struct job *job) {
    size_t count = 0;
    for (size_t i = 0; i < job->library_count; i++)
        count += job->libraries[i].is_copied;
    return count;
}

// The folders of a path, but for the first, which is there.
static bool make_folders(struct job *job, const char *path, size_t first) {
    for (size_t i = first + 1; path[i]; i++) {
        if (path[i] != '/')
            continue;
        const char *folder =
            str_copy(job->arena, str_slice(str_from(path), 0, i)).p;
        if (mkdir(folder, 0777) < 0 && errno != EEXIST)
            return fail(job, folder, "cannot make the folder");
    }
    return true;
}

// One that is only led to the others.
static bool write_copy(struct job *job, const struct library *library,
                       const char *path) {
    struct image_additions additions = {.links = library->links};
    struct image_room room;
    struct image *image = image_open(
        job->arena, str_terminated(job->arena, library->path), job->diag);
    bool ok = image && image_plan_room(image, &room, job->diag) &&
              image_write(image, &room, &additions, path, job->diag);
    image_close(image);
    return ok;
}

static bool write_library(struct job *job, const struct library *library,
                          const char *folder) {
    struct str name = closure_copy_name(job->arena, library);
    const char *path =
        str_format(job->arena, "%s/%.*s", folder, STR_ARGS(name)).p;
    progress(job, "writing", name);
    if (!make_folders(job, path, strlen(folder)))
        return false;
    for (size_t i = 1; i < job->unit_count; i++) {
        struct unit *unit = &job->units[i];
        if (unit->library == library && unit->is_touched)
            return rewrite_commit(&unit->input, &unit->result, path, job->diag);
    }
    return write_copy(job, library, path);
}

static bool write_libraries(struct job *job, struct folder_swap *swap) {
    swap->path = str_format(job->arena, "%s.libs", job->output).p;
    struct stat st;
    if (lstat(swap->path, &st) == 0 &&
        (!S_ISDIR(st.st_mode) || !for_each_file(job, swap->path, is_ours))) {
        // Only in the way if there are libraries to write.
        if (count_libraries(job) == 0)
            return true;
        diag_error_at(job->diag, U_FILE, swap->path,
                      "this is in the way: it is not a folder that `mctrace "
                      "instrument` wrote");
        return false;
    }
    bool exists = lstat(swap->path, &st) == 0;
    if (exists)
        swap->old =
            str_format(job->arena, "%s.old-%ld", swap->path, (long)getpid()).p;
    if (count_libraries(job) == 0)
        return true;
    swap->fresh =
        str_format(job->arena, "%s.new-%ld", swap->path, (long)getpid()).p;
    if (mkdir(swap->fresh, 0777) < 0) {
        const char *path = swap->fresh;
        swap->fresh = NULL;
        return fail(job, path, "cannot make the folder");
    }
    for (size_t i = 0; i < job->library_count; i++)
        if (job->libraries[i].is_copied &&
            !write_library(job, &job->libraries[i], swap->fresh))
            return false;
    return true;
}

static bool swap_folders(struct job *job, struct folder_swap *swap) {
    if (swap->old && rename(swap->path, swap->old) < 0) {
        swap->old = NULL;
        return fail(job, swap->path, "cannot replace");
    }
    if (swap->fresh && rename(swap->fresh, swap->path) < 0)
        return fail(job, swap->path, "cannot write");
    swap->is_in_place = swap->fresh != NULL;
    return true;
}

static void undo_folders(struct job *job, struct folder_swap *swap) {
    if (swap->fresh)
        remove_folder(job, swap->is_in_place ? swap->path : swap->fresh);
    if (swap->old)
        rename(swap->old, swap->path);
}

// --- all ---

static bool write_text(struct job *job, const char *path, struct str text) {
    return !path || file_write_text(
                        path, (struct slice){(const uint8_t *)text.p, text.n},
                        job->diag);
}

// A regular file that did not come to be complete; not a device.
static void remove_output(const char *path) {
    struct stat st;
    if (path && stat(path, &st) == 0 && S_ISREG(st.st_mode))
        unlink(path);
}

static bool write_all(struct job *job, struct folder_swap *swap) {
    if (!write_libraries(job, swap) || !swap_folders(job, swap))
        return false;
    struct unit *program = &job->units[0];
    progress(job, "writing", str_from(job->output));
    if (!rewrite_commit(&program->input, &program->result, job->output,
                        job->diag))
        return false;
    bool ok = write_text(job, job->mapping_path, job->mapping_json);
    if (ok && !write_text(job, job->report_path, job->report)) {
        remove_output(job->mapping_path);
        ok = false;
    }
    if (!ok)
        remove_output(job->output);
    return ok;
}

bool outputs_write(struct job *job) {
    struct folder_swap swap = {0};
    if (!write_all(job, &swap)) {
        undo_folders(job, &swap);
        return false;
    }
    if (swap.old)
        remove_folder(job, swap.old);
    return true;
}
