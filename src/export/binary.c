// binary.c: all records by time, as they are.
//
//     "MCTRECS\n"   u32 version   u32 0x01020304   identity[16]
//     u32 pid   u32 tid   record   (as in mctrace/records.h), and so on
//
// For programs that read millions of them: the mapping of the same identity
// says what they hold. Numbers of records are in the byte order of the target,
// and so is all else.

#include "export/formats.h"
#include "mctrace/region.h"

#define BINARY_VERSION 1
#define FLUSH_AT       (64u << 10)

static void write_binary(struct export_input *input, FILE *out) {
    const struct mapping *mapping = input->telemetry->mapping;
    struct bytes bytes;
    bytes_init(&bytes, input->telemetry->arena, mapping->order);
    bytes_add(&bytes, "MCTRECS\n", 8);
    bytes_u32(&bytes, BINARY_VERSION);
    bytes_u32(&bytes, MCT_BYTE_ORDER);
    bytes_add(&bytes, mapping->identity, sizeof mapping->identity);
    struct record record;
    while (input->records && records_next(input->records, &record)) {
        bytes_u32(&bytes, record.pid);
        bytes_u32(&bytes, record.tid);
        bytes_add(&bytes, record.bytes.p, record.bytes.n);
        if (bytes.n >= FLUSH_AT) {
            fwrite(bytes.p, 1, bytes.n, out);
            bytes.n = 0;
        }
    }
    fwrite(bytes.p, 1, bytes.n, out);
}

const struct exporter exporter_binary = {
    .name = "binary",
    .summary = "all records by time, as they are",
    .write = write_binary,
};
