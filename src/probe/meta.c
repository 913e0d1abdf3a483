// meta.c: the provider `dtrace`, whose probes belong to no code: BEGIN fires
// before anything else, END when tracing ends, ERROR when a clause has failed.

#include "probe/providers.h"

static bool claims(struct str pattern) {
    return desc_matches(pattern, STR("dtrace"));
}

static void list(const struct program *program, const struct probe_desc *desc,
                 struct site_list *out) {
    static const struct {
        const char *name;
        enum site_kind kind;
    } probes[] = {
        {"BEGIN", SITE_BEGIN}, {"END", SITE_END}, {"ERROR", SITE_ERROR}};
    if (program || desc->module.n > 0 || desc->function.n > 0) {
        return;
    }
    for (size_t i = 0; i < COUNT_OF(probes); i++) {
        struct str name = str_from(probes[i].name);
        if (desc_matches(desc->name, name)) {
            site_list_add(out, &(struct site){.kind = probes[i].kind,
                                              .selector = -1,
                                              .provider = STR("dtrace"),
                                              .module = STR(""),
                                              .probefunc = STR(""),
                                              .name = name});
        }
    }
}

const struct provider provider_dtrace = {
    .name = "dtrace",
    .summary = "BEGIN, END and ERROR of tracing",
    .claims = claims,
    .list = list,
};
