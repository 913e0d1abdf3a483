// syscall.c: the provider `syscall`. Its probes are the system call
// instructions themselves, whoever wrote them: entry before the instruction,
// return behind it. Where analysis does not know the number, there is a probe
// for every system call asked for, and the number decides at run time.

#include "probe/providers.h"

#include <inttypes.h>

static bool claims(struct str pattern) {
    return desc_matches(pattern, STR("syscall"));
}

// The module that DTrace shows for system calls on Linux.
#define SYSCALL_MODULE STR("vmlinux")

static void add_sites(const struct program *program,
                      const struct syscall_site *call, struct str function,
                      int32_t selector, const struct probe_desc *desc,
                      struct site_list *out) {
    struct site site = {.program = program,
                        .function = call->function,
                        .va = call->va,
                        .offset =
                            call->function ? call->va - call->function->va : 0,
                        .selector = selector,
                        .provider = STR("syscall"),
                        .module = SYSCALL_MODULE,
                        .probefunc = function};
    if (desc_matches(desc->name, STR("entry"))) {
        site.kind = SITE_SYSCALL_ENTRY;
        site.name = STR("entry");
        site_list_add(out, &site);
    }
    if (desc_matches(desc->name, STR("return"))) {
        site.kind = SITE_SYSCALL_RETURN;
        site.name = STR("return");
        site_list_add(out, &site);
    }
}

static void list_known(const struct program *program,
                       const struct syscall_site *call,
                       const struct probe_desc *desc, struct site_list *out) {
    const char *name = arch_syscall_name(program->arch, (uint64_t)call->number);
    struct str text =
        name ? str_from(name)
             : str_format(out->arena, "syscall_%" PRId64, call->number);
    if (desc_matches(desc->function, text)) {
        add_sites(program, call, text, -1, desc, out);
    }
}

void syscall_list_all(const struct arch *arch, const struct probe_desc *desc,
                      struct site_list *out) {
    static const struct syscall_site nowhere = {0};
    if (!desc_matches(desc->module, SYSCALL_MODULE))
        return;
    for (const struct syscall_row *row = arch->syscalls; row && row->name;
         row++)
        if (desc_matches(desc->function, str_from(row->name)))
            add_sites(NULL, &nowhere, str_from(row->name), -1, desc, out);
}

static void list(const struct program *program, const struct probe_desc *desc,
                 struct site_list *out) {
    if (!program || !desc_matches(desc->module, SYSCALL_MODULE)) {
        return;
    }
    for (size_t i = 0; i < program->syscall_count; i++) {
        const struct syscall_site *call = &program->syscalls[i];
        if (call->number >= 0) {
            list_known(program, call, desc, out);
            continue;
        }
        for (const struct syscall_row *row = program->arch->syscalls;
             row && row->name; row++) {
            struct str text = str_from(row->name);
            if (desc_matches(desc->function, text)) {
                add_sites(program, call, text, row->number, desc, out);
            }
        }
    }
}

const struct provider provider_syscall = {
    .name = "syscall",
    .summary = "system call instructions: entry and return",
    .claims = claims,
    .list = list,
};
