// records_lab.h: files with records, made by hand.
//
//     lab_chunk(lab, 7, 4096);                 a chunk of thread 7
//     lab_record(lab, 16, 100);                enabling, time
//     lab_int(lab, 42, 4);                     a field, at its alignment
//     lab_text(lab, "abc");
//
// A record ends where the next begins; lab_file() writes it all behind a region
// of `region_len` bytes.

#ifndef MCTRACE_TESTS_RECORDS_LAB_H
#define MCTRACE_TESTS_RECORDS_LAB_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "data/data.h"
#include "mctrace/records.h"

#define LAB_CPU 3

struct lab {
    struct arena *arena;
    enum byte_order order;
    struct bytes file;
    size_t chunk, chunk_len, record; // 0: none is open
    char path[64];
};

static inline void lab_begin(struct lab *lab, struct arena *arena,
                             uint64_t region_len) {
    *lab = (struct lab){.arena = arena, .order = ORDER_LITTLE};
    bytes_init(&lab->file, arena, lab->order);
    bytes_add_zero(&lab->file, region_len);
}

static inline void lab_end_record(struct lab *lab) {
    if (!lab->record)
        return;
    bytes_align(&lab->file, 8, 0);
    bytes_patch(&lab->file, lab->record + 4, (lab->file.n - lab->record) / 8,
                2);
    lab->record = 0;
}

static inline void lab_end_chunk(struct lab *lab) {
    lab_end_record(lab);
    if (lab->chunk)
        bytes_add_zero(&lab->file, lab->chunk + lab->chunk_len - lab->file.n);
    lab->chunk = 0;
}

static inline void lab_chunk(struct lab *lab, uint32_t tid, uint32_t len) {
    lab_end_chunk(lab);
    lab->chunk = lab->file.n;
    lab->chunk_len = len;
    bytes_u32(&lab->file, MCT_CHUNK_MAGIC);
    bytes_u32(&lab->file, len);
    bytes_u32(&lab->file, 1000);
    bytes_u32(&lab->file, tid);
    bytes_u64(&lab->file, 0);
    bytes_u64(&lab->file, 0);
}

static inline void lab_record(struct lab *lab, uint32_t enabling,
                              uint64_t time) {
    lab_end_record(lab);
    lab->record = lab->file.n;
    bytes_u32(&lab->file, enabling);
    bytes_u16(&lab->file, 0);
    bytes_u16(&lab->file, LAB_CPU);
    bytes_u64(&lab->file, time);
}

static inline void lab_int(struct lab *lab, uint64_t value, size_t len) {
    bytes_align(&lab->file, len, 0);
    size_t off = lab->file.n;
    bytes_add_zero(&lab->file, len);
    bytes_patch(&lab->file, off, value, len);
}

static inline void lab_block(struct lab *lab, const void *data, size_t len) {
    bytes_align(&lab->file, 8, 0);
    bytes_add(&lab->file, data, len);
}

static inline void lab_text(struct lab *lab, const char *text) {
    bytes_align(&lab->file, 8, 0);
    bytes_u32(&lab->file, text ? (uint32_t)strlen(text) : MCT_NO_TEXT);
    bytes_add(&lab->file, text, text ? strlen(text) : 0);
}

static inline void lab_stack(struct lab *lab, const uint64_t *pcs,
                             uint32_t count) {
    bytes_align(&lab->file, 8, 0);
    bytes_u32(&lab->file, count);
    bytes_u32(&lab->file, 0);
    for (uint32_t i = 0; i < count; i++)
        bytes_u64(&lab->file, pcs[i]);
}

// Writes `len` bytes of the file, all by default, and returns its path.
static inline const char *lab_file(struct lab *lab, size_t len) {
    if (!lab->path[0]) {
        strcpy(lab->path, "/tmp/mctrace.XXXXXX");
        close(mkstemp(lab->path));
    }
    FILE *out = fopen(lab->path, "w");
    fwrite(lab->file.p, 1, len < lab->file.n ? len : lab->file.n, out);
    fclose(out);
    return lab->path;
}

static inline void lab_done(struct lab *lab) {
    if (lab->path[0])
        unlink(lab->path);
}

#endif
