// fuzz_stream.c: whatever comes over a line, as messages: variables and records
// under a sound mapping, shown by lines and in columns.

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "data/data.h"

static const char mapping_text[] =
    "{\"mctrace\":1,\"identity\":\"000102030405060708090a0b0c0d0e0f\","
    "\"machine\":\"ppc32\",\"program\":\"p\",\"byte_order\":\"big\","
    "\"word_bits\":32,\"region_len\":4096,\"strsize\":15,\"variables\":["
    "{\"name\":\"n\",\"type\":\"int32\",\"off\":320,\"size\":4},"
    "{\"name\":\"s\",\"type\":\"string\",\"off\":328,\"size\":16}],"
    "\"aggregations\":[{\"name\":\"@\",\"function\":\"sum\",\"params\":[],"
    "\"keys\":[\"string\",\"int8\"],\"cells\":2,\"elements\":[]}],"
    "\"texts\":[\"\",\"abc\"],\"types\":[],"
    "\"clauses\":[\"c\"],\"segments\":["
    "{\"clause\":0,\"fixed_len\":24,\"actions\":["
    "{\"action\":\"trace\",\"fields\":[[\"text\",15]]},"
    "{\"action\":\"printf\",\"format\":\"%s %d\\n\",\"fields\":"
    "[[\"text\",15],[\"int32\",16]]},"
    "{\"action\":\"printa\",\"aggregations\":[0]}]},"
    "{\"clause\":0,\"fixed_len\":24,\"speculative\":true,\"actions\":["
    "{\"action\":\"speculate\",\"fields\":[[\"int32\",16]]}]},"
    "{\"clause\":0,\"fixed_len\":24,\"actions\":["
    "{\"action\":\"commit\",\"fields\":[[\"int32\",16]]}]}],"
    "\"names\":[\"x\",\"entry\"],\"probes\":[1,0,0,0,1],"
    "\"enablings\":[0,0,1,0,2,0]}";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void show(const char *path, bool as_columns) {
    struct arena *arena = arena_new();
    struct diag diag;
    struct stream stream;
    diag_init(&diag, stderr, "fuzz");
    FILE *out = fopen("/dev/null", "w");
    struct mapping *mapping =
        mapping_from_json(arena, str_from(mapping_text), "m", &diag);
    if (!mapping || !stream_open(&stream, arena, path, mapping, &diag))
        abort(); // nothing would be tried
    stream_show(&stream, as_columns, "fuzz", out, out);
    stream_close(&stream);
    fclose(out);
    arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    int fd = memfd_create("fuzz", 0);
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (write(fd, data, size) == (ssize_t)size) {
        show(path, false);
        show(path, true);
    }
    close(fd);
    return 0;
}
