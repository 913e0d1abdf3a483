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
// known (dlopen, name services, character sets) is in it, and so is all that
// libraries export which call such a function themselves. If an import of that
// kind can be reached past its stub, or several images are rewritten, nothing
// is flipped and all counts are locked from the start. Threads that are there
// before the program starts are seen by the runtime.

#include <string.h>

#include "cmd/job.h"

static const char *const company[] = {
#define COMPANY(name) #name,
#include "cmd/company.def"
#undef COMPANY
};

struct ir_stmt *internal_add(struct job *job, const char *runtime,
                             struct probe_desc *descs, size_t count) {
    struct ir_clause *clause = ARENA_NEW(job->arena, struct ir_clause);
    clause->index = (uint32_t)job->clause_count;
    clause->body = ARENA_NEW(job->arena, struct ir_stmt);
    clause->body->op = IR_INTERNAL;
    clause->body->runtime = runtime;
    struct probe_clause probes = {
        .descs = descs, .desc_count = count, .is_internal = true};
    size_t clause_count = job->clause_count;
    *ARENA_PUSH(job->arena, job->probes, clause_count, job->probe_room) =
        probes;
    *ARENA_PUSH(job->arena, job->clauses, job->clause_count, job->clause_room) =
        clause;
    return clause->body;
}

struct ir_expr *internal_register(struct job *job, uint8_t reg) {
    struct ir_expr *expr =
        ir_expr_new(job->arena, IR_REG, IR_TYPE_U64, (struct span){0});
    expr->value = reg;
    return expr;
}

void internal_pass(struct job *job, struct ir_stmt *stmt, const char *args) {
    const struct abi *abi = &job->units[0].image->arch->abi;
    stmt->arg_count = (uint32_t)strlen(args);
    stmt->args = ARENA_ARRAY(job->arena, struct ir_expr *, stmt->arg_count);
    for (uint32_t i = 0; i < stmt->arg_count; i++) {
        if (args[i] == '+') {
            stmt->args[i] = ir_const(job->arena, IR_TYPE_U64, 1, stmt->span);
            continue;
        }
        // The kernel leaves these registers as they are.
        stmt->args[i] =
            ir_expr_new(job->arena, IR_REG, IR_TYPE_U64, stmt->span);
        stmt->args[i]->value = abi->syscall_args[args[i] - '0'];
    }
}

static struct probe_desc system_call(const char *name) {
    return (struct probe_desc){.provider = STR("syscall"),
                               .function = str_from(name),
                               .name = STR("entry")};
}

void internal_add_end(struct job *job) {
    struct probe_desc *descs = ARENA_ARRAY(job->arena, struct probe_desc, 2);
    descs[0] = system_call("exit_group");
    descs[1] = system_call("exit");
    internal_add(job, "mct_finish", &descs[0], 1);
    internal_add(job, "mct_thread_exit", &descs[1], 1);
}

// --- threads that begin ---

static bool has_thread_locals(const struct ir_script *script) {
    for (size_t i = 0; i < script->variable_count; i++)
        if (script->variables[i]->storage == IR_SELF_VARIABLE)
            return true;
    return false;
}

// In a new thread clone() returns 0. Its control block may lie where that of
// one lay that has ended, by which the runtime would take it for that one; so
// it is told.
void internal_add_threads(struct job *job) {
    if (!has_thread_locals(job->script))
        return;
    struct probe_desc *descs = ARENA_ARRAY(job->arena, struct probe_desc, 2);
    descs[0] = system_call("clone");
    descs[1] = system_call("clone3");
    descs[0].name = descs[1].name = STR("return");
    struct ir_stmt *stmt = internal_add(job, "mct_thread_begins", descs, 2);
    stmt->args = ARENA_ARRAY(job->arena, struct ir_expr *, 1);
    stmt->args[stmt->arg_count++] =
        internal_register(job, job->arch->abi.syscall_result);
}

// --- what is asked of the C library ---

// The one that such tables are about; it does nothing of that of its own
// accord.
static bool is_c_library(struct str name) {
    static const char *const names[] = {
        "libc.so", "libc.musl-", "ld-linux", "ld-musl-",     "libpthread.so",
        "libm.so", "libdl.so",   "librt.so", "libresolv.so", "libgcc_s.so"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (str_starts_with(name, str_from(names[i])))
            return true;
    return false;
}

static bool imports_any(const struct image *image, const char *const names[],
                        size_t count) {
    for (size_t i = 0; i < image->import_count; i++)
        for (size_t k = 0; k < count; k++)
            if (str_is(image->imports[i], names[k]))
                return true;
    return false;
}

static bool library_imports(struct job *job, const struct library *library,
                            const char *const names[], size_t count) {
    struct diag quiet = {.quiet = true};
    if (library->is_loader || is_c_library(str_base_name(library->path)))
        return false;
    struct image *image = image_open(
        job->arena, str_terminated(job->arena, library->path), &quiet);
    bool imports = !image || imports_any(image, names, count);
    image_close(image);
    return imports;
}

bool internal_asks_library(struct job *job, const char *const names[],
                           size_t count) {
    struct diag quiet = {.quiet = true};
    struct library *libraries;
    size_t library_count;
    struct image *image = job->units[0].image;
    if (!image->is_dynamic || !image->is_program || job->wants_c_library)
        return false;
    if (imports_any(image, names, count))
        return true;
    if (!closure_find(image, job->arena, &libraries, &library_count, &quiet))
        return false;
    for (size_t i = 0; i < library_count; i++)
        if (library_imports(job, &libraries[i], names, count))
            return true;
    return false;
}

// --- arming ---

// Names by which company may be had: the table's, and all that libraries
// export which call one of them.
struct reach_set {
    struct map names;
    struct image **libraries;
    bool *is_tainted;
    size_t count;
};

static bool reaches(const struct reach_set *set, struct str name) {
    return map_get(&set->names, name) != NULL;
}

static void add_name(struct reach_set *set, struct str name) {
    map_put(&set->names, name, set);
}

static bool any_reaches(const struct reach_set *set,
                        const struct image *image) {
    for (size_t i = 0; i < image->import_count; i++)
        if (reaches(set, image->imports[i]))
            return true;
    return false;
}

// A library that may make company brings all that it exports under suspicion,
// and with it whoever calls that.
static void spread(struct reach_set *set) {
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t i = 0; i < set->count; i++) {
            const struct image *image = set->libraries[i];
            if (set->is_tainted[i] || !any_reaches(set, image))
                continue;
            set->is_tainted[i] = changed = true;
            for (size_t k = 0; k < image->symbol_count; k++) {
                const struct symbol *symbol = &image->symbols[k];
                if (symbol->exported && symbol->kind != SYMBOL_OBJECT)
                    add_name(set, symbol->name);
            }
        }
    }
}

// False: some library cannot be read, so nothing is certain.
static bool open_reach_set(struct job *job, struct reach_set *set) {
    struct diag quiet = {.quiet = true};
    map_init(&set->names, job->arena);
    for (size_t i = 0; i < COUNT_OF(company); i++)
        add_name(set, str_from(company[i]));
    if (job->library_count == 0 &&
        !closure_find(job->units[0].image, job->arena, &job->libraries,
                      &job->library_count, &quiet))
        return false;
    set->libraries =
        ARENA_ARRAY(job->arena, struct image *, job->library_count);
    set->is_tainted = ARENA_ARRAY(job->arena, bool, job->library_count);
    for (size_t i = 0; i < job->library_count; i++) {
        const struct library *library = &job->libraries[i];
        if (library->is_loader || is_c_library(str_base_name(library->path)))
            continue;
        struct image *image = image_open(
            job->arena, str_terminated(job->arena, library->path), &quiet);
        if (!image)
            return false;
        set->libraries[set->count++] = image;
    }
    spread(set);
    return true;
}

static bool has_stub(const struct image *image, struct str name) {
    for (size_t i = 0; i < image->plt_count; i++)
        if (str_equal(image->plt[i].name, name))
            return true;
    return false;
}

// Probes on the stubs of imports that may lead to company. False: one can be
// reached past its stub.
static bool add_stubs(struct job *job, const struct reach_set *set) {
    const struct image *image = job->units[0].image;
    struct probe_desc *descs =
        ARENA_ARRAY(job->arena, struct probe_desc, image->import_count);
    size_t count = 0;
    for (size_t i = 0; i < image->address_import_count; i++)
        if (reaches(set, image->address_imports[i]))
            return false;
    for (size_t i = 0; i < image->import_count; i++) {
        struct str name = image->imports[i];
        if (!reaches(set, name))
            continue;
        if (!has_stub(image, name))
            return false;
        descs[count++] = (struct probe_desc){.provider = STR("plt"),
                                             .module = STR("a.out"),
                                             .function = name,
                                             .name = STR("entry")};
    }
    if (count > 0)
        internal_add(job, "mct_arm", descs, count);
    return true;
}

static bool watch_imports(struct job *job) {
    struct reach_set set = {0};
    bool ok = open_reach_set(job, &set) && add_stubs(job, &set);
    for (size_t i = 0; i < set.count; i++)
        image_close(set.libraries[i]);
    return ok;
}

bool internal_add_arming(struct job *job) {
    const struct image *image = job->units[0].image;
    if (job->is_watched || job->arch->lock_prefix == NULL)
        return false;
    for (size_t i = 1; i < job->unit_count; i++)
        if (job->units[i].is_touched)
            return false;
    // A library is loaded by programs that are not known.
    if (!image->is_program || job->script->aggregation_count == 0)
        return false;
    if (image->is_dynamic && image->needed_count > 0 && !watch_imports(job))
        return false;
    static const char *const calls[] = {"clone", "clone3", "fork", "vfork"};
    struct probe_desc *descs =
        ARENA_ARRAY(job->arena, struct probe_desc, COUNT_OF(calls));
    for (size_t i = 0; i < COUNT_OF(calls); i++)
        descs[i] = system_call(calls[i]);
    internal_add(job, "mct_arm", descs, COUNT_OF(calls));
    return true;
}
