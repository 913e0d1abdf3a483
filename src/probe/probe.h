// probe.h: providers list sites; probe descriptions choose among them.
//
// A provider is a name and a function that lists the sites of a program that
// a description could mean. Matching puts (site, clause) pairs in an order
// that is the same on every run: by image, address, moment, clause.

#ifndef MCTRACE_PROBE_H
#define MCTRACE_PROBE_H

#include "program/program.h"

enum site_kind {
    SITE_BEGIN,
    SITE_END,
    SITE_ERROR,
    SITE_TICK,    // va: nanoseconds between two
    SITE_PROFILE, // likewise
    SITE_ENTRY,
    SITE_RETURN,
    SITE_OFFSET,
    SITE_SYSCALL_ENTRY,
    SITE_SYSCALL_RETURN, // fires after the instruction at `va`
    SITE_USDT,
    SITE_EXECUTED // a new program starts
};

// An event of the provider proc, as a system call shows it.
struct event {
    const char *name, *syscall; // NULL: none does
    uint8_t moment;             // enum event_moment
    uint8_t condition;          // enum event_condition
    uint8_t args[2];            // enum event_value: arg0, arg1
};

// In relation to the probes of the system call itself.
enum event_moment {
    EVENT_BEFORE, // behind its entry
    EVENT_WITHIN, // before its return, though it has returned
    EVENT_BEHIND  // behind its return
};

enum event_condition {
    EVENT_ALWAYS,
    EVENT_FAILED,
    EVENT_ZERO,
    EVENT_POSITIVE,
    EVENT_PROCESS,      // positive, and what was made is a process
    EVENT_NEW_PROCESS,  // zero, and this is one
    EVENT_FIRST_THREAD, // the calling thread is the first of its process
    EVENT_SENT,         // of the signal in arg1 to what arg0 names
    EVENT_DISCARDED,
    EVENT_KILLED // the signal, given likewise, ends this process; arg0 is how
};

enum event_value {
    EVENT_NONE,
    EVENT_ARG0, // of the system call
    EVENT_ARG1,
    EVENT_ARG2,
    EVENT_RESULT,
    EVENT_EXITED,    // CLD_EXITED
    EVENT_TARGET,    // what kill()'s argument means
    EVENT_PROCESS_OF // of the thread or process that was made
};

struct site {
    const struct program *program; // NULL: it belongs to no code
    const struct function *function;
    const struct marker *marker; // SITE_USDT
    const struct event *event;   // of the provider proc
    uint64_t va;
    uint64_t offset; // of va from the function's start
    uint8_t kind;    // enum site_kind
    uint8_t exit;    // SITE_RETURN: enum exit_kind
    // The probe exists only when the system call number register holds this;
    // -1: always. Set where analysis did not find the number.
    int32_t selector;
    struct str provider, module, name; // "pid", "a.out", "entry"
    struct str probefunc; // what probefunc reads: function or system call
    uint32_t id;          // as `list` prints it and `id` reads
};

// The four fields of a description as patterns; an empty one matches all.
struct probe_desc {
    struct str provider, module, function, name;
    struct span span; // of the whole description
    // `::read:entry` and the like: the provider was left out.
    bool provider_omitted;
    // There are such probes in the system, so that no site is no error.
    bool is_of_system;
    uint32_t id; // a numeric description; 0: none
};

struct match {
    const struct site *site;
    uint32_t clause; // index in the script
    uint32_t desc;   // which of the clause's descriptions
};

struct site_list {
    struct arena *arena;
    struct site **items;
    size_t count, room;
};

struct provider {
    const char *name, *summary;
    // Whether a description's provider field means this provider (`pid123`,
    // `pid$target` and `pid*` all mean pid).
    bool (*claims)(struct str pattern);
    // Lists the sites of `program` (NULL: the ones that belong to none) that
    // `desc` matches. Offsets are listed only when a name asks for them.
    void (*list)(const struct program *program, const struct probe_desc *desc,
                 struct site_list *out);
};

// match.c

// Whether only clauses of MCTrace's own want the site: its provider is then
// "mctrace".
bool site_is_internal(const struct site *site);
const struct provider *const *provider_table(size_t *count);
// Parses a description as -P, -n or `list --probe` give it, or as it stands
// in a script. False: too many fields (reported at `span`).
bool probe_parse_desc(struct str text, struct span span,
                      struct probe_desc *desc, struct diag *diag);
// The four fields with their colons.
struct str desc_format(struct arena *arena, const struct probe_desc *desc);
// Which provider a description without one means, by DESIGN's rule; for one
// with a provider whether anything of that name exists (reported, if there is
// somebody to report to).
bool probe_resolve(struct probe_desc *desc, const struct arch *arch,
                   struct diag *diag);

// A clause's descriptions, in order of the script.
struct probe_clause {
    struct probe_desc *descs;
    size_t desc_count;
    // Not of the script: that it matches nothing is no error.
    bool is_internal;
};

struct match_list {
    struct match *items;
    size_t count, room;
    struct site **sites; // each matched or listed site once, ids assigned
    size_t site_count, site_room;
};

enum match_policy { MATCH_STRICT, MATCH_ALLOW_NONE }; // -Z

// Matches every clause against every program. A description that matches
// nothing is an error unless the policy allows it. One event never fires one
// clause twice.
bool probe_match(struct arena *arena, const struct program *const *programs,
                 size_t program_count, const struct probe_clause *clauses,
                 size_t clause_count, enum match_policy policy,
                 struct match_list *out, struct diag *diag);
// The probes of the system that a description means, whether or not a program
// makes such calls: without a program or an address, ids assigned.
void probe_list_system(struct arena *arena, const struct probe_desc *desc,
                       const struct arch *arch, struct site_list *out);
// Whether some description could match in a library (so that it is opened).
// Descriptions should have been resolved; others count as whatever they may
// turn out to mean.
bool probe_may_match_module(const struct probe_clause *clauses,
                            size_t clause_count, struct str module);

#endif
