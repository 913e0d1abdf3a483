// sharing.c: probes of functions, in a run that is watched, are not for
// children of the process; also not for one that has its memory until it
// becomes another program.
//
// The runtime tells them apart (sharing.c there) if it sees such a child
// coming: at the system calls of the rows below, wherever they are made. Mostly
// that is in the C library, which becomes a unit if the program, or a library
// of its, asks for a function of sharers.def. Code that nobody rewrites, as a
// library in which the script has no probe, may make such a child by a system
// call of its own; that one fires.

#include <string.h>

#include "cmd/job.h"

#define CLONE_VM    0x100u
#define CLONE_VFORK 0x4000u

static const struct sharing_row {
    const char *call, *begins;
    bool has_flags; // by its first argument
} rows[] = {
    {"vfork", "mct_sharing_begins", false},
    {"clone", "mct_sharing_begins", true},
    {"clone3", "mct_sharing_begins_at", true},
};

static const char *const sharers[] = {
#define SHARER(name) #name,
#include "cmd/sharers.def"
#undef SHARER
};

// Whether a probe of the script may be one of functions.
static bool has_probes_of_process(const struct job *job) {
    for (size_t i = 0; i < job->script->clause_count; i++) {
        for (size_t k = 0; k < job->probes[i].desc_count; k++) {
            struct probe_clause one = {.descs = &job->probes[i].descs[k],
                                       .desc_count = 1};
            if (!one.descs->is_of_system &&
                (probe_may_match_module(&one, 1, STR("a.out")) ||
                 probe_may_match_module(&one, 1, STR("lib.so"))))
                return true;
        }
    }
    return false;
}

static void add_row(struct job *job, const struct sharing_row *row) {
    struct probe_desc *descs = ARENA_ARRAY(job->arena, struct probe_desc, 2);
    for (size_t i = 0; i < 2; i++)
        descs[i] = (struct probe_desc){.provider = STR("syscall"),
                                       .function = str_from(row->call),
                                       .name = STR("entry")};
    descs[1].name = STR("return");
    struct ir_stmt *begins = internal_add(job, row->begins, &descs[0], 1);
    struct ir_stmt *ends = internal_add(job, "mct_sharing_ends", &descs[1], 1);
    begins->args = ARENA_ARRAY(job->arena, struct ir_expr *, 1);
    ends->args = ARENA_ARRAY(job->arena, struct ir_expr *, 1);
    begins->args[begins->arg_count++] =
        row->has_flags ? internal_register(job, job->arch->abi.syscall_args[0])
                       : ir_const(job->arena, IR_TYPE_U64,
                                  CLONE_VM | CLONE_VFORK, begins->span);
    ends->args[ends->arg_count++] =
        internal_register(job, job->arch->abi.syscall_result);
}

void sharing_add(struct job *job) {
    if (!job->is_watched || job->unit_count == 0 || !has_probes_of_process(job))
        return;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        add_row(job, &rows[i]);
    if (internal_asks_library(job, sharers, COUNT_OF(sharers)))
        job->wants_c_library = true;
}
