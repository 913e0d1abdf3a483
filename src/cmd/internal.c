// internal.c: probes that MCTrace needs for itself.
//
// END fires before the system calls that end the process, wherever they are
// made, libc included.
//
// Arming: while a process is alone, a counter needs no lock prefix. What ends
// that state is a system call (clone, fork and so on). A static program makes
// it itself, so the probe sits there; a dynamic one asks libc, which is not
// touched for this, so probes sit on the stubs of the imports that may lead
// there. That list errs to the safe side: whatever may load code that is not
// known (dlopen, name services, character sets) is in it. If such an import
// can be reached past its stub, or another library has one, or several images
// are rewritten, nothing is flipped and all counts are locked from the start.

#include <string.h>

#include "cmd/job.h"

static const char *const company[] = {
#define COMPANY(name) #name,
#include "cmd/company.def"
#undef COMPANY
};

static const struct {
    const char *runtime;
} kinds[] = {
    [INTERNAL_END] = {"mct_finish"},
    [INTERNAL_THREAD_END] = {"mct_thread_exit"},
    [INTERNAL_ARM] = {"mct_arm"},
};

void internal_add(struct job *job, enum internal_kind kind,
                  struct probe_desc *descs, size_t count) {
    struct ir_clause *clause = ARENA_NEW(job->arena, struct ir_clause);
    clause->index = (uint32_t)job->clause_count;
    clause->body = ARENA_NEW(job->arena, struct ir_stmt);
    clause->body->op = IR_INTERNAL;
    clause->body->runtime = kinds[kind].runtime;
    struct probe_clause probes = {
        .descs = descs, .desc_count = count, .is_internal = true};
    size_t clause_count = job->clause_count;
    *ARENA_PUSH(job->arena, job->probes, clause_count, job->probe_room) =
        probes;
    *ARENA_PUSH(job->arena, job->clauses, job->clause_count, job->clause_room) =
        clause;
}

static struct probe_desc system_call(const char *name) {
    return (struct probe_desc){.provider = STR("syscall"),
                               .function = str_from(name),
                               .name = STR("entry")};
}

bool site_is_internal(const struct site *site) {
    return str_equal(site->provider, STR("mctrace"));
}

void internal_add_end(struct job *job) {
    struct probe_desc *descs = ARENA_ARRAY(job->arena, struct probe_desc, 2);
    descs[0] = system_call("exit_group");
    descs[1] = system_call("exit");
    internal_add(job, INTERNAL_END, &descs[0], 1);
    internal_add(job, INTERNAL_THREAD_END, &descs[1], 1);
}

// --- arming ---

static bool is_company(struct str name) {
    for (size_t i = 0; i < COUNT_OF(company); i++)
        if (str_equal(name, str_from(company[i])))
            return true;
    return false;
}

static bool any_is_company(const struct str *names, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (is_company(names[i]))
            return true;
    return false;
}

static bool has_stub(const struct image *image, struct str name) {
    for (size_t i = 0; i < image->plt_count; i++)
        if (str_equal(image->plt[i].name, name))
            return true;
    return false;
}

// Whether every import that may lead to company is called through a stub.
static bool imports_are_seen(const struct image *image) {
    if (any_is_company(image->address_imports, image->address_import_count))
        return false;
    for (size_t i = 0; i < image->import_count; i++)
        if (is_company(image->imports[i]) &&
            !has_stub(image, image->imports[i]))
            return false;
    return true;
}

// The C library and the loader do not make threads of their own accord.
static bool is_c_library(struct str name) {
    static const char *const names[] = {
        "libc.so",       "libc.musl-",    "ld-linux",   "ld-musl-",
        "libpthread.so", "libm.so",       "libdl.so",   "librt.so",
        "libresolv.so",  "linux-vdso.so", "libgcc_s.so"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (str_starts_with(name, str_from(names[i])))
            return true;
    return false;
}

static bool library_makes_company(struct job *job,
                                  const struct library *library) {
    if (library->is_loader || is_c_library(str_base_name(library->path)))
        return false;
    // A library that cannot be read is found fault with elsewhere.
    struct diag quiet = *job->diag;
    quiet.quiet = true;
    struct image *image = image_open(
        job->arena, str_terminated(job->arena, library->path), &quiet);
    bool result = !image || any_is_company(image->imports, image->import_count);
    image_close(image);
    return result;
}

static bool has_counters(const struct job *job) {
    return job->script->aggregation_count > 0;
}

static void add_stubs(struct job *job) {
    struct probe_desc *descs =
        ARENA_ARRAY(job->arena, struct probe_desc, COUNT_OF(company));
    for (size_t i = 0; i < COUNT_OF(company); i++)
        descs[i] = (struct probe_desc){.provider = STR("plt"),
                                       .module = STR("a.out"),
                                       .function = str_from(company[i]),
                                       .name = STR("entry")};
    internal_add(job, INTERNAL_ARM, descs, COUNT_OF(company));
}

bool internal_add_arming(struct job *job) {
    const struct image *image = job->units[0].image;
    for (size_t i = 1; i < job->unit_count; i++)
        if (job->units[i].is_touched)
            return false;
    // A library is loaded by programs that are not known.
    if (!image->is_program)
        return false;
    if (!has_counters(job))
        return true;
    if (image->is_dynamic && image->needed_count > 0) {
        if (!imports_are_seen(image))
            return false;
        if (job->library_count == 0 &&
            !closure_find(job->units[0].image, job->arena, &job->libraries,
                          &job->library_count, &(struct diag){.quiet = true}))
            return false;
        for (size_t i = 0; i < job->library_count; i++)
            if (library_makes_company(job, &job->libraries[i]))
                return false;
        add_stubs(job);
    }
    static const char *const calls[] = {"clone", "clone3", "fork", "vfork"};
    struct probe_desc *descs =
        ARENA_ARRAY(job->arena, struct probe_desc, COUNT_OF(calls));
    for (size_t i = 0; i < COUNT_OF(calls); i++)
        descs[i] = system_call(calls[i]);
    internal_add(job, INTERNAL_ARM, descs, COUNT_OF(calls));
    return true;
}
