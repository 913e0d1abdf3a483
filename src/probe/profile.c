// profile.c: the provider `profile`, whose probes fire as time passes.
//
//     tick-100ms      once every 100 ms
//     profile-97      97 times a second, on every thread that runs
//
// The number has a unit behind it, or none, which means hertz. There is no list
// of them: a probe exists when it is asked for, unless it would fire more
// often than every 200 microseconds, as in DTrace.

#include "probe/providers.h"

#define SHORTEST 200000u // nanoseconds

static const struct {
    const char *suffix;
    uint64_t ns;
} units[] = {
    {"ns", 1},
    {"nsec", 1},
    {"us", 1000},
    {"usec", 1000},
    {"ms", 1000000},
    {"msec", 1000000},
    {"s", 1000000000},
    {"sec", 1000000000},
    {"m", 60000000000},
    {"min", 60000000000},
    {"h", 3600000000000},
    {"hour", 3600000000000},
    {"d", 86400000000000},
    {"day", 86400000000000},
};

static uint64_t period_of(uint64_t number, struct str suffix) {
    if (number == 0)
        return 0;
    if (suffix.n == 0 || str_equal(suffix, STR("hz")))
        return 1000000000 / number;
    for (size_t i = 0; i < COUNT_OF(units); i++)
        if (str_is(suffix, units[i].suffix))
            return number > UINT64_MAX / units[i].ns ? 0 : number * units[i].ns;
    return 0;
}

// Nanoseconds; 0: this is no name of a probe that exists.
static uint64_t parse_period(struct str name, struct str prefix) {
    if (!str_starts_with(name, prefix))
        return 0;
    uint64_t number = 0;
    size_t i = prefix.n;
    for (; i < name.n && name.p[i] >= '0' && name.p[i] <= '9'; i++) {
        if (number > UINT64_MAX / 100)
            return 0;
        number = number * 10 + (uint64_t)(name.p[i] - '0');
    }
    uint64_t period = period_of(number, str_slice(name, i, name.n));
    return period >= SHORTEST ? period : 0;
}

bool desc_is_timer(struct str name) {
    return str_starts_with(name, STR("tick-")) ||
           str_starts_with(name, STR("profile-"));
}

static bool claims(struct str pattern) {
    return desc_matches(pattern, STR("profile"));
}

static void list(const struct program *program, const struct probe_desc *desc,
                 struct site_list *out) {
    static const struct {
        const char *prefix;
        enum site_kind kind;
    } kinds[] = {{"tick-", SITE_TICK}, {"profile-", SITE_PROFILE}};
    if (program || desc->module.n > 0 || desc->function.n > 0)
        return;
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        uint64_t period = parse_period(desc->name, str_from(kinds[i].prefix));
        if (period != 0)
            site_list_add(out, &(struct site){.kind = kinds[i].kind,
                                              .va = period,
                                              .selector = -1,
                                              .provider = STR("profile"),
                                              .module = STR(""),
                                              .probefunc = STR(""),
                                              .name = desc->name});
    }
}

const struct provider provider_profile = {
    .name = "profile",
    .summary = "as time passes",
    .claims = claims,
    .list = list,
};
