// fuzz_region.c: hostile telemetry and core files against a good mapping.

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "export/export.h"

static const char mapping_text[] =
    "{\"mctrace\":1,\"identity\":\"00000000000000000000000000000000\","
    "\"machine\":\"x86_64\",\"program\":\"p\",\"byte_order\":\"little\","
    "\"word_bits\":64,\"region_len\":2048,\"strsize\":7,\"variables\":["
    "{\"name\":\"s\",\"type\":\"string\",\"off\":320,\"size\":8}],"
    "\"aggregations\":[{\"name\":\"@\",\"function\":\"avg\",\"params\":[],"
    "\"keys\":[\"string\",\"int8\"],\"cells\":2,\"elements\":[[512,0,1]],"
    "\"table\":{\"off\":576,\"log2_entries\":3}},{\"name\":\"@q\","
    "\"function\":\"lquantize\",\"params\":[-3,9,3],\"keys\":[],\"cells\":6,"
    "\"elements\":[[1024]]},{\"name\":\"@d\",\"function\":\"stddev\","
    "\"params\":[],\"keys\":[],\"cells\":4,\"elements\":[[1088]]}],"
    "\"texts\":[\"\",\"abc\"]}";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena *arena = arena_new();
    struct diag diag = {.quiet = true};
    struct mapping *mapping =
        mapping_from_json(arena, str_from(mapping_text), "m", &diag);
    if (!mapping)
        abort();
    int fd = memfd_create("fuzz", 0);
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    struct telemetry telemetry;
    if (write(fd, data, size) == (ssize_t)size &&
        telemetry_open(arena, path, mapping, &telemetry, &diag)) {
        FILE *out = fopen("/dev/null", "w");
        struct export_input input = {
            .telemetry = &telemetry, .errors = out, .name = "fuzz"};
        size_t count;
        const struct exporter *const *table = export_table(&count);
        for (size_t i = 0; i < count; i++)
            table[i]->write(&input, out);
        fclose(out);
    }
    close(fd);
    arena_free(arena);
    return 0;
}
