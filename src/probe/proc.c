// proc.c: the provider `proc`: what happens to processes and threads, as far as
// the program's own system calls show it.
//
// An event is a row: the system call that shows it, whether that has to have
// returned, a condition, and where arg0 and the next lie. So one probe has many
// sites, and one instruction shows several events. That a new program runs is
// shown by its image alone: exec-success fires as it starts.

#include "probe/providers.h"

#include <string.h>

#define PROC_MODULE STR("vmlinux")

// clang-format off
static const struct event events[] = {
    {"signal-send", "kill", EVENT_BEFORE, EVENT_SENT,
     {EVENT_TARGET, EVENT_ARG1}},
    {"signal-send", "tkill", EVENT_BEFORE, EVENT_SENT,
     {EVENT_ARG0, EVENT_ARG1}},
    {"signal-send", "tgkill", EVENT_BEFORE, EVENT_SENT,
     {EVENT_ARG1, EVENT_ARG2}},
    {"signal-send", "rt_sigqueueinfo", EVENT_BEFORE, EVENT_SENT,
     {EVENT_TARGET, EVENT_ARG1}},
    {"signal-send", "rt_tgsigqueueinfo", EVENT_BEFORE, EVENT_SENT,
     {EVENT_ARG1, EVENT_ARG2}},
    {"signal-discard", "kill", EVENT_BEFORE, EVENT_DISCARDED,
     {EVENT_TARGET, EVENT_ARG1}},
    {"signal-discard", "tkill", EVENT_BEFORE, EVENT_DISCARDED,
     {EVENT_ARG0, EVENT_ARG1}},
    {"signal-discard", "tgkill", EVENT_BEFORE, EVENT_DISCARDED,
     {EVENT_ARG1, EVENT_ARG2}},
    {"signal-discard", "rt_sigqueueinfo", EVENT_BEFORE, EVENT_DISCARDED,
     {EVENT_TARGET, EVENT_ARG1}},
    {"signal-discard", "rt_tgsigqueueinfo", EVENT_BEFORE, EVENT_DISCARDED,
     {EVENT_ARG1, EVENT_ARG2}},
    // What ends a process ends its thread first.
    {"lwp-exit", "exit_group", EVENT_BEFORE, EVENT_ALWAYS, {0}},
    {"lwp-exit", "exit", EVENT_BEFORE, EVENT_ALWAYS, {0}},
    {"lwp-exit", "kill", EVENT_BEFORE, EVENT_KILLED,
     {EVENT_TARGET, EVENT_ARG1}},
    {"lwp-exit", "tkill", EVENT_BEFORE, EVENT_KILLED,
     {EVENT_ARG0, EVENT_ARG1}},
    {"lwp-exit", "tgkill", EVENT_BEFORE, EVENT_KILLED,
     {EVENT_ARG1, EVENT_ARG2}},
    {"exit", "exit_group", EVENT_BEFORE, EVENT_ALWAYS, {EVENT_EXITED}},
    {"exit", "exit", EVENT_BEFORE, EVENT_FIRST_THREAD, {EVENT_EXITED}},
    {"exit", "kill", EVENT_BEFORE, EVENT_KILLED,
     {EVENT_TARGET, EVENT_ARG1}},
    {"exit", "tkill", EVENT_BEFORE, EVENT_KILLED,
     {EVENT_ARG0, EVENT_ARG1}},
    {"exit", "tgkill", EVENT_BEFORE, EVENT_KILLED,
     {EVENT_ARG1, EVENT_ARG2}},
    {"exec", "execve", EVENT_BEFORE, EVENT_ALWAYS, {EVENT_ARG0}},
    {"exec", "execveat", EVENT_BEFORE, EVENT_ALWAYS, {EVENT_ARG1}},
    {"exec-failure", "execve", EVENT_BEHIND, EVENT_FAILED, {EVENT_RESULT}},
    {"exec-failure", "execveat", EVENT_BEHIND, EVENT_FAILED, {EVENT_RESULT}},
    {"exec-success", NULL, EVENT_BEHIND, EVENT_ALWAYS, {0}},
    {"create", "fork", EVENT_WITHIN, EVENT_POSITIVE, {EVENT_RESULT}},
    {"create", "vfork", EVENT_WITHIN, EVENT_POSITIVE, {EVENT_RESULT}},
    {"create", "clone", EVENT_WITHIN, EVENT_PROCESS, {EVENT_RESULT}},
    {"create", "clone3", EVENT_WITHIN, EVENT_PROCESS, {EVENT_RESULT}},
    {"lwp-create", "fork", EVENT_WITHIN, EVENT_POSITIVE,
     {EVENT_RESULT, EVENT_RESULT}},
    {"lwp-create", "vfork", EVENT_WITHIN, EVENT_POSITIVE,
     {EVENT_RESULT, EVENT_RESULT}},
    {"lwp-create", "clone", EVENT_WITHIN, EVENT_POSITIVE,
     {EVENT_RESULT, EVENT_PROCESS_OF}},
    {"lwp-create", "clone3", EVENT_WITHIN, EVENT_POSITIVE,
     {EVENT_RESULT, EVENT_PROCESS_OF}},
    {"start", "fork", EVENT_WITHIN, EVENT_ZERO, {0}},
    {"start", "vfork", EVENT_WITHIN, EVENT_ZERO, {0}},
    {"start", "clone", EVENT_WITHIN, EVENT_NEW_PROCESS, {0}},
    {"start", "clone3", EVENT_WITHIN, EVENT_NEW_PROCESS, {0}},
    {"lwp-start", "fork", EVENT_WITHIN, EVENT_ZERO, {0}},
    {"lwp-start", "vfork", EVENT_WITHIN, EVENT_ZERO, {0}},
    {"lwp-start", "clone", EVENT_WITHIN, EVENT_ZERO, {0}},
    {"lwp-start", "clone3", EVENT_WITHIN, EVENT_ZERO, {0}},
    {"signal-clear", "rt_sigtimedwait", EVENT_BEHIND, EVENT_POSITIVE,
     {EVENT_RESULT}},
};
// clang-format on

static bool claims(struct str pattern) {
    return desc_matches(pattern, STR("proc"));
}

uint32_t event_number(const struct event *event) {
    uint32_t number = 0;
    for (const struct event *e = events; e != event; e++)
        number += strcmp(e->name, e[1].name) != 0;
    return number;
}

uint32_t event_order(const struct site *site) {
    return site->event ? (uint32_t)(site->event - events) + 1 : 0;
}

struct str event_name(uint32_t number) {
    for (size_t i = 0; i < COUNT_OF(events); i++)
        if (event_number(&events[i]) == number)
            return str_from(events[i].name);
    return (struct str){0};
}

static struct site event_site(const struct event *event) {
    return (struct site){.kind = !event->syscall ? SITE_EXECUTED
                                 : event->moment == EVENT_BEFORE
                                     ? SITE_SYSCALL_ENTRY
                                     : SITE_SYSCALL_RETURN,
                         .event = event,
                         .selector = -1,
                         .provider = STR("proc"),
                         .module = PROC_MODULE,
                         .probefunc = STR(""),
                         .name = str_from(event->name)};
}

static bool is_meant(const struct event *event, const struct probe_desc *desc) {
    return desc_matches(desc->module, PROC_MODULE) && desc->function.n == 0 &&
           desc_matches(desc->name, str_from(event->name));
}

void proc_list_all(const struct probe_desc *desc, struct site_list *out) {
    for (size_t i = 0; i < COUNT_OF(events); i++) {
        struct site site = event_site(&events[i]);
        bool is_first =
            i == 0 || strcmp(events[i].name, events[i - 1].name) != 0;
        if (is_first && is_meant(&events[i], desc))
            site_list_add(out, &site);
    }
}

// The event at a system call that is its own, or may turn out to be.
static void list_at(const struct program *program,
                    const struct syscall_site *call, const struct event *event,
                    struct site_list *out) {
    struct site site = event_site(event);
    uint32_t number;
    if (!arch_syscall_number(program->arch, str_from(event->syscall),
                             &number) ||
        (call->number >= 0 && call->number != (int64_t)number))
        return;
    site.program = program;
    site.function = call->function;
    site.va = call->va;
    site.offset = call->function ? call->va - call->function->va : 0;
    site.selector = call->number >= 0 ? -1 : (int32_t)number;
    site_list_add(out, &site);
}

static void list(const struct program *program, const struct probe_desc *desc,
                 struct site_list *out) {
    for (size_t i = 0; i < COUNT_OF(events); i++) {
        const struct event *event = &events[i];
        struct site site = event_site(event);
        if (!is_meant(event, desc))
            continue;
        if (!program && !event->syscall)
            site_list_add(out, &site);
        for (size_t k = 0;
             program && event->syscall && k < program->syscall_count; k++)
            list_at(program, &program->syscalls[k], event, out);
    }
}

const struct provider provider_proc = {
    .name = "proc",
    .summary = "processes and threads, by the system calls that show them",
    .claims = claims,
    .list = list,
};
