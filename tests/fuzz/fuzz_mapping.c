// fuzz_mapping.c: hostile mappings; one that is accepted is written out again
// and used to read a region full of ones.

#include <stdlib.h>
#include <string.h>

#include "export/export.h"
#include "mctrace/region.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_region(struct arena *arena, const struct mapping *mapping) {
    uint8_t *region = arena_alloc(arena, mapping->region_len);
    memset(region, 1, mapping->region_len);
    struct telemetry telemetry = {.mapping = mapping,
                                  .arena = arena,
                                  .region = {region, mapping->region_len}};
    FILE *out = fopen("/dev/null", "w");
    struct export_input input = {
        .telemetry = &telemetry, .errors = out, .name = "fuzz"};
    size_t count;
    const struct exporter *const *table = export_table(&count);
    for (size_t i = 0; i < count; i++)
        table[i]->write(&input, out);
    fclose(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena *arena = arena_new();
    struct diag diag = {.quiet = true};
    struct mapping *mapping = mapping_from_json(
        arena, (struct str){(const char *)data, size}, "m", &diag);
    if (mapping) {
        struct str first = mapping_to_json(arena, mapping);
        struct mapping *again = mapping_from_json(arena, first, "m", &diag);
        if (!again || !str_equal(first, mapping_to_json(arena, again)))
            abort();
        if (mapping->region_len <= 1 << 16)
            read_region(arena, mapping);
    }
    arena_free(arena);
    return 0;
}
