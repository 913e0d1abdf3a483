// image_facts.c: options about the image, for all commands that open one.

#include <stdlib.h>
#include <string.h>

#include "cmd/job.h"

enum {
#define IMAGE_OPTION(id, name, value, help) OPT_##id,
#include "cmd/image_options.def"
};

static bool wrong(const struct command *command, struct diag *diag,
                  const char *option, const char *value, const char *what) {
    usage_error(command, diag, "--%s=%s: %s", option, value, what);
    return false;
}

// As in C: decimal, or hexadecimal with 0x.
static bool read_address(const char *text, char **end, uint64_t *va) {
    bool is_number = text[0] >= '0' && text[0] <= '9';
    *va = is_number ? strtoull(text, end, 0) : 0;
    return is_number;
}

static bool take_address(const struct command *command, struct diag *diag,
                         const char *option, const struct option_value *given,
                         bool *is_given, uint64_t *va) {
    char *end;
    *is_given = given->given;
    return !given->given ||
           (read_address(given->value, &end, va) && *end == 0) ||
           wrong(command, diag, option, given->value, "this is no address");
}

bool image_place_take(const struct command *command, struct diag *diag,
                      const char *option, const struct option_value *given,
                      struct image_place *place) {
    char *end;
    place->is_said = given->given;
    if (!given->given)
        return true;
    bool ok = read_address(given->value, &end, &place->va);
    if (ok && *end == ',')
        ok = read_address(end + 1, &end, &place->len) && place->len > 0;
    return (ok && *end == 0 && place->va + place->len >= place->va) ||
           wrong(command, diag, option, given->value,
                 "it must be ADDRESS or ADDRESS,SIZE");
}

static bool take_arch(const struct command *command, struct diag *diag,
                      const struct option_value *given,
                      struct image_facts *facts) {
    if (!given->given)
        return true;
    struct str name = str_from(given->value);
    facts->arch = arch_by_name(name);
    if (!facts->arch)
        facts->arch = arch_by_processor(name, &facts->processor);
    return facts->arch || wrong(command, diag, "arch", given->value,
                                "this machine is not supported");
}

static bool take_platform(const struct command *command, struct diag *diag,
                          const struct option_value *given,
                          struct image_facts *facts) {
    if (!given->given)
        return true;
    if (strcmp(given->value, "none") == 0)
        facts->platform = PLATFORM_NONE;
    else if (strcmp(given->value, "linux") == 0)
        facts->platform = PLATFORM_LINUX;
    return facts->platform != PLATFORM_UNSAID ||
           wrong(command, diag, "platform", given->value,
                 "it is linux or none");
}

bool image_facts_take(const struct command *command, struct diag *diag,
                      const struct option_value *given,
                      struct image_facts *facts) {
    if (given[OPT_SYMBOLS].given)
        facts->symbols = given[OPT_SYMBOLS].value;
    facts->root = given[OPT_ROOT].given ? given[OPT_ROOT].value
                                        : getenv("QEMU_LD_PREFIX");
    return take_arch(command, diag, &given[OPT_ARCH], facts) &&
           take_platform(command, diag, &given[OPT_PLATFORM], facts) &&
           take_address(command, diag, "base", &given[OPT_BASE],
                        &facts->has_base, &facts->base_va) &&
           take_address(command, diag, "entry", &given[OPT_ENTRY],
                        &facts->has_entry, &facts->entry_va);
}
