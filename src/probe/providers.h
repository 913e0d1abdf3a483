// providers.h: private to probe/. The providers, and what they share.

#ifndef MCTRACE_PROBE_PROVIDERS_H
#define MCTRACE_PROBE_PROVIDERS_H

#include "probe/probe.h"

// A table of providers ends with NULL.
extern const struct provider provider_dtrace, provider_syscall, provider_pid,
    provider_usdt, provider_plt, provider_profile, provider_proc;

// Adds a copy of `site`.
void site_list_add(struct site_list *list, const struct site *site);

// desc.c

// Whether a pattern of a description, empty or not, matches.
bool desc_matches(struct str pattern, struct str text);
// Whether `pattern` names the module: "a.out" or the file's name for the
// program, "libc.so.6", "libc.so" or "libc" for a library.
bool desc_matches_module(const struct probe_desc *desc,
                         const struct program *program);
// Whether it can only be the program itself.
bool desc_names_program(const struct probe_desc *desc,
                        const struct program *program);
// The same by the name of a library alone.
bool desc_matches_library(struct str pattern, struct str module);
// A hexadecimal offset, with or without 0x. False: the name is none.
bool desc_offset(struct str name, uint64_t *offset);
// "pid$target", "pid12" or a pattern that such a name matches.
bool desc_is_pid(struct str pattern);

// Says that there is no such provider.
void report_provider(const struct probe_desc *desc, struct diag *diag);

// profile.c

// Whether a probe's name is one of time, whether it exists or not.
bool desc_is_timer(struct str name);

// syscall.c

// The probes that a description means of every system call there is.
void syscall_list_all(const struct arch *arch, const struct probe_desc *desc,
                      struct site_list *out);

// proc.c

// The probes of the provider that a description means.
void proc_list_all(const struct probe_desc *desc, struct site_list *out);
// Events of one name have one number.
uint32_t event_number(const struct event *event);
struct str event_name(uint32_t number); // empty: there is none
// In which order events of one moment happen; 0: it is none.
uint32_t event_order(const struct site *site);

// usdt.c

// The function that a marker lies in; NULL: none.
const struct function *usdt_function(const struct program *program,
                                     const struct marker *marker);

// reason.c

// Says that a description matched nothing, why, and what may have been meant.
void report_no_match(const struct program *const *programs,
                     size_t program_count, const struct probe_desc *desc,
                     struct diag *diag);

#endif
