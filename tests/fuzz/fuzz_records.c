// fuzz_records.c: hostile records under a sound mapping, and under one that the
// input's head makes: the first zero byte ends it.

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "data/data.h"

#define REGION_LEN 4096

static const char mapping_text[] =
    "{\"mctrace\":1,\"identity\":\"000102030405060708090a0b0c0d0e0f\","
    "\"machine\":\"x86_64\",\"program\":\"p\",\"byte_order\":\"little\","
    "\"word_bits\":64,\"region_len\":4096,\"strsize\":15,\"variables\":[],"
    "\"aggregations\":[{\"name\":\"@\",\"function\":\"quantize\","
    "\"params\":[],\"keys\":[[\"string\",3],[\"ustack\",4],\"int8\"],"
    "\"cells\":127,\"elements\":[]},{\"name\":\"@s\",\"function\":\"stddev\","
    "\"params\":[],\"keys\":[\"string\"],\"cells\":4,\"elements\":[[400,1]]}],"
    "\"texts\":[\"\",\"abc\"],\"types\":["
    "{\"kind\":\"integer\",\"name\":\"char\",\"size\":1,\"char\":true},"
    "{\"kind\":\"array\",\"name\":\"a\",\"size\":5,\"of\":0,\"count\":5},"
    "{\"kind\":\"struct\",\"name\":\"s\",\"size\":12,\"members\":"
    "[[\"a\",1,0,0],[\"b\",0,64,3],[\"\",1,48,0]]}],"
    "\"clauses\":[\"c\"],\"segments\":["
    "{\"clause\":0,\"fixed_len\":40,\"actions\":["
    "{\"action\":\"trace\",\"fields\":[[\"text\",15]]},"
    "{\"action\":\"print\",\"fields\":[[\"uint64\",16],[\"block\",24,12,2]]},"
    "{\"action\":\"printf\",\"format\":\"%*s%S%k%c%f%Y%d\\n\",\"fields\":"
    "[[\"int8\",16],[\"text\",15],[\"text\",15],[\"stack\",9],[\"int32\",20],"
    "[\"block\",24,8],[\"int64\",24],[\"uint16\",32]]},"
    "{\"action\":\"ustack\",\"fields\":[[\"stack\",9]]},"
    "{\"action\":\"tracemem\",\"fields\":[[\"block\",24,12],[\"int32\",16]]},"
    "{\"action\":\"printa\",\"aggregations\":[0]},"
    "{\"action\":\"printa\",\"format\":\"%s%k%d%@d\",\"aggregations\":[0]},"
    "{\"action\":\"trunc\",\"aggregations\":[1],\"fields\":[[\"int8\",16]]},"
    "{\"action\":\"normalize\",\"aggregations\":[0],\"fields\":[[\"int64\",16]]"
    "}"
    "]},{\"clause\":0,\"fixed_len\":24,\"speculative\":true,\"actions\":["
    "{\"action\":\"speculate\",\"fields\":[[\"int32\",16]]},"
    "{\"action\":\"setopt\",\"fields\":[[\"text\",9],[\"text\",9]]}]},"
    "{\"clause\":0,\"fixed_len\":24,\"actions\":["
    "{\"action\":\"commit\",\"fields\":[[\"int32\",16]]}]}],"
    "\"names\":[\"x\",\"entry\"],\"probes\":[1,0,0,0,1],"
    "\"enablings\":[0,0,1,0,2,0]}";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void consume(struct arena *arena, const struct mapping *mapping,
                    const char *path, enum consumer_format format) {
    struct diag diag = {.quiet = true};
    struct records records;
    if (!records_open(&records, arena, path, mapping, RECORDS_COMPLETE, &diag))
        return;
    FILE *out = fopen("/dev/null", "w");
    struct consumer_setup setup = {.mapping = mapping,
                                   .out = out,
                                   .errors = out,
                                   .name = "fuzz",
                                   .format = (uint8_t)format};
    struct consumer *consumer = consumer_new(arena, &setup);
    struct record record;
    while (records_next(&records, &record))
        consumer_record(consumer, &record);
    consumer_finish(consumer);
    consumer_free(consumer);
    records_close(&records);
    fclose(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena *arena = arena_new();
    struct diag diag = {.quiet = true};
    const uint8_t *end = size ? memchr(data, '\0', size) : NULL;
    struct mapping *mapping = NULL;
    if (end && end > data && *data == '{') {
        size_t len = (size_t)(end - data);
        mapping = mapping_from_json(
            arena, (struct str){(const char *)data, len}, "m", &diag);
        data += len + 1;
        size -= len + 1;
    } else {
        mapping = mapping_from_json(arena, str_from(mapping_text), "m", &diag);
    }
    int fd = memfd_create("fuzz", 0);
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (mapping && mapping->region_len <= 1 << 16 &&
        ftruncate(fd, (off_t)mapping->region_len) == 0 &&
        pwrite(fd, data, size, (off_t)mapping->region_len) == (ssize_t)size)
        for (unsigned i = CONSUMER_TEXT; i <= CONSUMER_JSON; i++)
            consume(arena, mapping, path, i);
    close(fd);
    arena_free(arena);
    return 0;
}
