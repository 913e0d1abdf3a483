// job.h: what the steps of `mctrace instrument` share.
//
// A unit is an image that may be rewritten: the program first, then the
// libraries it loads that the script may reach, last the host, if there is one.
// instrument.c lists the steps.

#ifndef MCTRACE_CMD_JOB_H
#define MCTRACE_CMD_JOB_H

#include <time.h>

#include "cmd/cmd.h"
#include "data/data.h"
#include "mctrace/region.h"
#include "rewrite/rewrite.h"
#include "script/script.h"

struct unit {
    struct job *owner; // of the program that it belongs to
    struct image *image;
    struct program *program;
    struct library *library; // NULL: what was given
    bool is_touched;         // will be rewritten
    bool is_loader;          // the dynamic loader, as --with-loader asks for
    bool is_host;            // the program that carries what belongs to no code
    // What is to be run where; `shapes` has the stencil's index of each.
    struct shot *shots;
    uint32_t *shapes;
    size_t shot_count, shot_room, shape_room;
    struct mct_config *config;
    struct rewrite_input input;
    struct rewrite_result result;
};

struct job {
    struct arena *arena;
    struct diag *diag;
    // From the command line.
    const char *binary, *output, *mapping_path, *report_path, *persistence;
    const char *save_ir, *save_asm, *save_object, *save_c, *dump;
    const struct backend *backend; // NULL: LLVM's
    const char *cc;                // of the one through C; NULL: the usual
    struct image_facts facts;      // of the first image
    const struct library_file *library_files; // of the user's
    size_t library_file_count;
    bool is_strict, allows_none, with_loader, shows_progress;
    bool is_bare;    // the program runs without an operating system
    bool is_misused; // options do not suit the program: wrong usage
    struct timespec started;
    const struct arch *arch; // of all units
    struct script_text *texts;
    size_t text_count;
    struct file script_file;
    struct script_options script_options;
    struct ir_script *script;
    struct unit *units; // its own, then those of other programs, the host
    size_t unit_count, own_count;
    // Other programs that are watched at once: each has units, libraries and
    // outputs of its own, and what belongs to the script in common.
    struct job *others;
    size_t other_count;
    // Where somebody watches: BEGIN, END and their like are in a program of
    // their own, the last unit. NULL: they are in each image.
    struct unit *host;
    bool is_watched;
    struct ir_tracer tracer;   // the one who watches
    int64_t target;            // the process that is watched; 0: none
    struct library *libraries; // of a dynamic program, once looked for
    size_t library_count;
    struct image_links links; // how the program finds their copies
    struct str interpreter;   // the copy of its loader; empty: none
    // The script's clauses, then the internal ones.
    struct probe_clause *probes;
    const struct ir_clause **clauses;
    size_t clause_count, clause_room, probe_room;
    struct match_list matches;
    struct layout layout;
    struct folder folder;
    struct stencil_set stencils;
    struct mapping *mapping;
    struct str mapping_json, report;
    // Clauses of more instructions are called at sites; else where it pays.
    bool has_call_above;
    uint64_t call_above;
    bool flips_locks;
    bool wants_c_library;   // clauses of our own belong there
    bool is_guarded;        // reading the program's memory costs no system call
    uint64_t sites, missed; // of the script, over all units
};

// image_facts.c

// Takes the options of image_options.def, the first of which is given[0].
// False: wrong usage, reported.
bool image_facts_take(const struct command *command, struct diag *diag,
                      const struct option_value *given,
                      struct image_facts *facts);
bool image_place_take(const struct command *command, struct diag *diag,
                      const char *option, const struct option_value *given,
                      struct image_place *place);

// job.c

void progress(struct job *job, const char *what, struct str name);
void progress_end(struct job *job);
double job_seconds(const struct job *job);
// Warns of sites that are not reached, so many at most.
void job_tell_missed(struct job *job, uint64_t most);
// Warns of arguments of a program's own probes that read as 0, so many at most.
void job_tell_unread(struct job *job, size_t most);
// Warns of results that memory has and nobody will know where.
void job_tell_missed_results(struct job *job);

// internal.c

// Adds an internal clause that calls a function of the runtime where `descs`
// match; returns the call, which may be given arguments.
struct ir_stmt *internal_add(struct job *job, const char *runtime,
                             struct probe_desc *descs, size_t count);
// A register as it is at the place.
struct ir_expr *internal_register(struct job *job, uint8_t reg);
// Whether a dynamic program, or a library of its, asks the C library for one of
// these functions, and that is not wanted as a unit yet.
bool internal_asks_library(struct job *job, const char *const names[],
                           size_t count);
// Arguments of a system call, by number, a digit each, are handed to the call;
// '+' is 1.
void internal_pass(struct job *job, struct ir_stmt *stmt, const char *args);
// What makes END fire when the process ends.
void internal_add_end(struct job *job);
// What makes thread-local variables of a new thread zero.
void internal_add_threads(struct job *job);
// Whether one image is rewritten, and what gives it company (threads,
// children) can be seen coming; then the clauses for it are added.
bool internal_add_arming(struct job *job);

// guard.c

// Whether the script reads memory, and signals can be seen; then the C library
// is a unit, and clauses are added.
bool guard_is_wanted(struct job *job);
void guard_add(struct job *job);
// Whether one of those clauses may be run at a site.
bool guard_has_site(const struct site *site);

// sharing.c

// Clauses by which children with the process's memory are told from it, where
// somebody watches.
void sharing_add(struct job *job);

// opened.c

// Warns of probes in libraries that the program opens by itself.
void opened_tell(struct job *job);

// rights.c

// Clauses that take room for records before the program gives away what is
// needed to ask for it.
void rights_add(struct job *job);

// units.c

// The program alone, analysed; then what `job->probes` may reach beyond it.
bool job_open_first(struct job *job, const char *path);
bool job_open_libraries(struct job *job);
// Adds the host, whose file is to have the name that its clauses see.
#define JOB_HOST_NAME "dtrace"
bool job_open_host(struct job *job);
// Program, script, libraries.
bool job_open_units(struct job *job);
void job_close_units(struct job *job);

// links.c

// How the program and the copies of its libraries find these.
bool links_make(struct job *job);

// regions.c

// Rows for what a region may hold before it is a file.
struct mct_merge *merges_make(struct arena *arena,
                              const struct mapping *mapping, uint32_t *count);
// Where aggregations lie, for actions that take their contents out; empty if
// there are none.
struct slice drains_make(struct job *job);
struct mct_config *config_make(struct job *job, const struct unit *unit);

// trace_stability.c

// Nothing is less stable than the option amin asks for. False: reported.
bool stability_check(const struct job *job);

// build.c

// Whether descriptions may match nothing.
bool job_allows_none(const struct job *job);
// What sites are looked for in.
const struct program **job_programs(const struct job *job, size_t *count);
// Calls providers that belong to the watched process by its id.
void job_name_providers(const struct job *job, struct match_list *matches);
// Up to what runs where.
bool job_match(struct job *job);
// Why the script cannot be enabled although it is right, in DTrace's words;
// NULL: it can.
const char *job_refusal(const struct job *job);
// From there to images that are ready to be written.
bool job_build(struct job *job);

// outputs.c

// Writes everything, or nothing.
bool outputs_write(struct job *job);
bool outputs_check(struct job *job);

// called.c

// Which shapes are called and not copied, by what they are as they were
// compiled; NULL: none.
const struct handover *called_choose(const struct job *job,
                                     const struct codegen_input *input);

#endif
