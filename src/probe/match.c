// match.c: clauses against sites.
//
// Every description lists the sites it means; the lists are joined, put in
// order (image, address, moment, clause), and sites that several descriptions
// found become one. At one address things happen in this order:
//
//     function entry, instruction offset, marker, function return,
//     system call entry, [the instruction], system call return
//
// Ids do not depend on what is matched, so that an id that `list` printed
// means the same probe in a script: 1 BEGIN, 2 END, 3 ERROR, then two for each
// system call number, then one for each event of proc, then for each image two
// for each of its functions, entry and return, and one for each of its markers;
// instructions by offset are numbered behind these as they come.

#include "probe/providers.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_SYSCALL_ID  4
#define FIRST_EVENT_ID    4032
#define FIRST_FUNCTION_ID 4096

static const struct provider *const providers[] = {
    &provider_dtrace,  &provider_syscall, &provider_pid, &provider_usdt,
    &provider_profile, &provider_proc,    &provider_plt};

const struct provider *const *provider_table(size_t *count) {
    *count = COUNT_OF(providers);
    return providers;
}

bool site_is_internal(const struct site *site) {
    return str_equal(site->provider, STR("mctrace"));
}

void site_list_add(struct site_list *list, const struct site *site) {
    struct site *copy = ARENA_NEW(list->arena, struct site);
    *copy = *site;
    *ARENA_PUSH(list->arena, list->items, list->count, list->room) = copy;
}

// --- ids ------------------------------------------------------------------

struct matching {
    struct arena *arena;
    const struct program *const *programs;
    size_t program_count;
    struct match_list *out;
    struct diag *diag;
    struct order *order; // of what was listed
    size_t order_count, order_room;
};

// A listed site and what it was listed for: a clause, and which of its
// descriptions (of an internal clause all are one).
struct wish {
    uint32_t clause, desc;
};
struct order {
    struct site *site;
    struct wish wish;
    uint32_t image; // index of the program, from 1; 0: none
};

// Of the probes of an image: first those of its functions, then its markers.
static uint32_t first_image_id(const struct matching *matching, size_t image) {
    uint32_t id = FIRST_FUNCTION_ID;
    for (size_t i = 0; i < image; i++) {
        const struct program *program = matching->programs[i];
        id += 2 * (uint32_t)program->function_count +
              (uint32_t)program->image->marker_count;
    }
    return id;
}

// Markers of one name in one function are one probe.
static uint32_t marker_number(const struct site *site) {
    const struct marker *markers = site->program->image->markers;
    uint32_t number = 0;
    for (; &markers[number] != site->marker; number++) {
        const struct marker *other = &markers[number];
        if (str_equal(other->name, site->marker->name) &&
            str_equal(other->provider, site->marker->provider) &&
            usdt_function(site->program, other) == site->function) {
            break;
        }
    }
    return number;
}

static uint32_t syscall_id(const struct site *site, uint32_t number) {
    return FIRST_SYSCALL_ID + 2 * number + (site->kind == SITE_SYSCALL_RETURN);
}

// An id that depends on the probe alone; 0: an instruction by offset.
static uint32_t site_id(const struct matching *matching,
                        const struct site *site, size_t image) {
    uint32_t number = 0;
    if (site->event)
        return FIRST_EVENT_ID + event_number(site->event);
    switch (site->kind) {
    case SITE_BEGIN: return 1;
    case SITE_END: return 2;
    case SITE_ERROR: return 3;
    case SITE_ENTRY:
    case SITE_RETURN:
        number = (uint32_t)(site->function - site->program->functions);
        return first_image_id(matching, image - 1) + 2 * number +
               (site->kind == SITE_RETURN);
    case SITE_SYSCALL_ENTRY:
    case SITE_SYSCALL_RETURN:
        if (!arch_syscall_number(site->program->arch, site->probefunc,
                                 &number)) {
            return 0;
        }
        return syscall_id(site, number);
    case SITE_USDT:
        return first_image_id(matching, image - 1) +
               2 * (uint32_t)site->program->function_count +
               marker_number(site);
    default: return 0;
    }
}

// The description that a probe's id stands for. False: there is no such id.
static bool desc_from_id(const struct matching *matching,
                         const struct probe_desc *numeric,
                         struct probe_desc *desc, size_t *only_image) {
    uint32_t id = numeric->id;
    *desc = (struct probe_desc){.span = numeric->span};
    *only_image = SIZE_MAX;
    if (id < FIRST_SYSCALL_ID) {
        desc->provider = STR("dtrace");
        desc->name = id == 1   ? STR("BEGIN")
                     : id == 2 ? STR("END")
                               : STR("ERROR");
        return true;
    }
    if (id >= FIRST_EVENT_ID && id < FIRST_FUNCTION_ID) {
        desc->provider = STR("proc");
        desc->name = event_name(id - FIRST_EVENT_ID);
        return desc->name.n > 0;
    }
    if (id >= FIRST_SYSCALL_ID && id < FIRST_EVENT_ID &&
        matching->program_count > 0) {
        const char *name = arch_syscall_name(matching->programs[0]->arch,
                                             (id - FIRST_SYSCALL_ID) / 2);
        desc->provider = STR("syscall");
        desc->function = name ? str_from(name) : (struct str){0};
        desc->name = (id - FIRST_SYSCALL_ID) % 2 ? STR("return") : STR("entry");
        return name != NULL;
    }
    for (size_t i = 0; i < matching->program_count; i++) {
        const struct program *program = matching->programs[i];
        uint32_t first = first_image_id(matching, i);
        if (id >= first && id < first_image_id(matching, i + 1) &&
            (id - first) / 2 >= program->function_count) {
            desc->provider = STR("*"); // the id decides
            *only_image = i;
            return true;
        }
        if (id >= first && (id - first) / 2 < program->function_count) {
            desc->provider = STR("pid*");
            desc->function = program->functions[(id - first) / 2].name;
            desc->name = (id - first) % 2 ? STR("return") : STR("entry");
            *only_image = i;
            return true;
        }
    }
    return false;
}

// --- listing --------------------------------------------------------------

static void keep(struct matching *matching, const struct site_list *list,
                 const struct probe_desc *wanted, size_t image,
                 struct wish wish) {
    for (size_t i = 0; i < list->count; i++) {
        struct site *site = list->items[i];
        site->id = site_id(matching, site, image);
        if (wanted->id != 0 && site->id != wanted->id) {
            continue;
        }
        *ARENA_PUSH(matching->arena, matching->order, matching->order_count,
                    matching->order_room) =
            (struct order){site, wish, (uint32_t)image};
    }
}

static void list_desc(struct matching *matching,
                      const struct probe_desc *wanted,
                      const struct probe_desc *desc, size_t only_image,
                      struct wish wish) {
    for (size_t i = 0; i < COUNT_OF(providers); i++) {
        if (!providers[i]->claims(desc->provider)) {
            continue;
        }
        struct site_list list = {.arena = matching->arena};
        providers[i]->list(NULL, desc, &list);
        keep(matching, &list, wanted, 0, wish);
        for (size_t k = 0; k < matching->program_count; k++) {
            if (only_image != SIZE_MAX && only_image != k) {
                continue;
            }
            list = (struct site_list){.arena = matching->arena};
            providers[i]->list(matching->programs[k], desc, &list);
            keep(matching, &list, wanted, k + 1, wish);
        }
    }
}

// Lists one description. False: it is wrong, or matched nothing.
static bool match_desc(struct matching *matching,
                       const struct probe_desc *wanted, struct wish wish,
                       enum match_policy policy) {
    struct probe_desc desc = *wanted;
    size_t only_image = SIZE_MAX, before = matching->order_count;
    const struct arch *arch =
        matching->program_count > 0 ? matching->programs[0]->arch : NULL;
    if (wanted->id != 0) {
        if (desc_from_id(matching, wanted, &desc, &only_image)) {
            list_desc(matching, wanted, &desc, only_image, wish);
        }
    } else if (!probe_resolve(&desc, arch,
                              policy == MATCH_ALLOW_NONE ? NULL
                                                         : matching->diag)) {
        return policy == MATCH_ALLOW_NONE;
    } else {
        list_desc(matching, wanted, &desc, only_image, wish);
    }
    if (matching->order_count > before || policy == MATCH_ALLOW_NONE ||
        wanted->is_of_system) {
        return true;
    }
    desc.id = wanted->id;
    report_no_match(matching->programs, matching->program_count, &desc,
                    matching->diag);
    return false;
}

void probe_list_system(struct arena *arena, const struct probe_desc *desc,
                       const struct arch *arch, struct site_list *out) {
    *out = (struct site_list){.arena = arena};
    if (desc->id == 0 && provider_syscall.claims(desc->provider))
        syscall_list_all(arch, desc, out);
    if (desc->id == 0 && provider_proc.claims(desc->provider))
        proc_list_all(desc, out);
    for (size_t i = 0; i < out->count; i++) {
        if (out->items[i]->event) {
            out->items[i]->id =
                FIRST_EVENT_ID + event_number(out->items[i]->event);
            continue;
        }
        uint32_t number = 0;
        arch_syscall_number(arch, out->items[i]->probefunc, &number);
        out->items[i]->id = syscall_id(out->items[i], number);
    }
}

// --- order ----------------------------------------------------------------

static unsigned moment(const struct site *site) {
    static const uint8_t moments[] = {
        [SITE_BEGIN] = 0,          [SITE_END] = 1,
        [SITE_ERROR] = 2,          [SITE_TICK] = 3,
        [SITE_PROFILE] = 4,        [SITE_ENTRY] = 5,
        [SITE_OFFSET] = 6,         [SITE_USDT] = 7,
        [SITE_RETURN] = 8,         [SITE_EXECUTED] = 9,
        [SITE_SYSCALL_ENTRY] = 10, [SITE_SYSCALL_RETURN] = 13};
    static const uint8_t of_events[] = {
        [EVENT_BEFORE] = 11, [EVENT_WITHIN] = 12, [EVENT_BEHIND] = 14};
    return site->event ? of_events[site->event->moment] : moments[site->kind];
}

static int compare(uint64_t a, uint64_t b) {
    return a < b ? -1 : a > b;
}

static int compare_sites(const struct order *x, const struct order *y) {
    int result = compare(x->image, y->image);
    result = result ? result : compare(x->site->va, y->site->va);
    result = result ? result : compare(moment(x->site), moment(y->site));
    if (result == 0) {
        result = compare((uint64_t)((int64_t)x->site->selector + 1),
                         (uint64_t)((int64_t)y->site->selector + 1));
    }
    result =
        result ? result : compare(event_order(x->site), event_order(y->site));
    result = result ? result
                    : compare((uintptr_t)x->site->function,
                              (uintptr_t)y->site->function);
    // The same time, or address, under two names is two probes.
    bool has_names = !x->site->program || x->site->kind == SITE_OFFSET;
    result = result || !has_names
                 ? result
                 : str_compare(x->site->probefunc, y->site->probefunc);
    return result || !has_names ? result
                                : str_compare(x->site->name, y->site->name);
}

static int compare_order(const void *a, const void *b) {
    const struct order *x = a, *y = b;
    int result = compare_sites(x, y);
    result = result ? result : compare(x->wish.clause, y->wish.clause);
    return result ? result : compare(x->wish.desc, y->wish.desc);
}

static void sort(struct order *order, size_t count) {
    for (size_t i = 1; i < count; i++) {
        if (compare_order(&order[i - 1], &order[i]) > 0) {
            qsort(order, count, sizeof *order, compare_order);
            return;
        }
    }
}

// One site for all descriptions that found it, one match for each of them: a
// clause runs as often as it names a probe.
static void join(struct matching *matching) {
    struct match_list *out = matching->out;
    struct arena *arena = matching->arena;
    uint32_t next_id = first_image_id(matching, matching->program_count);
    const struct order *last = NULL;
    for (size_t i = 0; i < matching->order_count; i++) {
        const struct order *item = &matching->order[i];
        bool same = last && compare_sites(last, item) == 0;
        if (same && last->wish.clause == item->wish.clause &&
            last->wish.desc == item->wish.desc) {
            continue;
        }
        if (!same) {
            *ARENA_PUSH(arena, out->sites, out->site_count, out->site_room) =
                item->site;
            if (item->site->id == 0) {
                item->site->id = next_id++;
            }
        }
        const struct site *site = out->sites[out->site_count - 1];
        *ARENA_PUSH(arena, out->items, out->count, out->room) =
            (struct match){site, item->wish.clause, item->wish.desc};
        last = item;
    }
}

bool probe_match(struct arena *arena, const struct program *const *programs,
                 size_t program_count, const struct probe_clause *clauses,
                 size_t clause_count, enum match_policy policy,
                 struct match_list *out, struct diag *diag) {
    *out = (struct match_list){0};
    struct matching matching = {.arena = arena,
                                .programs = programs,
                                .program_count = program_count,
                                .out = out,
                                .diag = diag};
    bool good = true;
    for (size_t i = 0; i < clause_count; i++) {
        enum match_policy own =
            clauses[i].is_internal ? MATCH_ALLOW_NONE : policy;
        for (size_t k = 0; k < clauses[i].desc_count; k++) {
            struct wish wish = {(uint32_t)i,
                                clauses[i].is_internal ? 0 : (uint32_t)k};
            good &= match_desc(&matching, &clauses[i].descs[k], wish, own);
        }
    }
    sort(matching.order, matching.order_count);
    join(&matching);
    return good;
}

static bool may_match(const struct probe_desc *desc, struct str module) {
    if (desc->id >= FIRST_SYSCALL_ID) {
        return true;
    }
    if (desc->id != 0) {
        return false;
    }
    if (desc->provider.n == 0 && desc->module.n == 0) {
        // Not resolved: a plain name may be that of a system call.
        return desc->function.n > 0 && !str_is_pattern(desc->function);
    }
    if ((provider_syscall.claims(desc->provider) ||
         provider_proc.claims(desc->provider)) &&
        desc->provider.n > 0) {
        return true;
    }
    if (desc->provider_omitted && desc->module.n == 0) {
        return false;
    }
    return (desc->provider.n == 0 || provider_pid.claims(desc->provider) ||
            provider_usdt.claims(desc->provider)) &&
           desc_matches_library(desc->module, module);
}

bool probe_may_match_module(const struct probe_clause *clauses,
                            size_t clause_count, struct str module) {
    for (size_t i = 0; i < clause_count; i++) {
        for (size_t k = 0; k < clauses[i].desc_count; k++) {
            if (may_match(&clauses[i].descs[k], module)) {
                return true;
            }
        }
    }
    return false;
}
