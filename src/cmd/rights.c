// rights.c: a script that records asks for room in the file, by its path, as
// the program runs. A daemon that has gone to a folder of its own and become
// another user cannot open that any more, nor can one that has allowed itself
// no more descriptors. So clauses at the system calls of rights.def, wherever
// they are made, take room beforehand (ahead.c of the runtime); the C library
// becomes a unit if the program, or a library of its, asks for a function named
// there.

#include "cmd/job.h"

static const struct right_row {
    const char *call, *runtime, *args;
} rows[] = {
#define RIGHT(call, runtime, args) {#call, #runtime, args},
#define RIGHTS_BY(name)
#include "cmd/rights.def"
#undef RIGHT
#undef RIGHTS_BY
};

static const char *const functions[] = {
#define RIGHT(call, runtime, args)
#define RIGHTS_BY(name) #name,
#include "cmd/rights.def"
#undef RIGHT
#undef RIGHTS_BY
};

void rights_add(struct job *job) {
    if (job->is_bare || job->unit_count == 0 || job->units[0].is_host ||
        job->script->segment_count == 0)
        return;
    struct probe_desc *descs =
        ARENA_ARRAY(job->arena, struct probe_desc, COUNT_OF(rows));
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        descs[i] = (struct probe_desc){.provider = STR("syscall"),
                                       .function = str_from(rows[i].call),
                                       .name = STR("entry")};
        internal_pass(job, internal_add(job, rows[i].runtime, &descs[i], 1),
                      rows[i].args);
    }
    if (internal_asks_library(job, functions, COUNT_OF(functions)))
        job->wants_c_library = true;
}
