// arena.c: memory that is released all at once.
//
// An arena is a list of chunks obtained by calloc; an allocation moves a mark
// within the newest one. Chunks double in size up to a limit, so that a small
// command takes little and a large one asks seldom; what would not fit is
// given a chunk of its own, and the rest of the current one stays in use.
// Nothing is released singly, and a pointer stays good until arena_free.
//
// Under the address sanitizer every allocation is a chunk of its own, so that
// the tests and fuzzers see a read or write one byte past its end.

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

enum {
    ALIGNMENT = 16,
    FIRST_CHUNK = 64 << 10,
    LARGEST_CHUNK = 8 << 20,
};

struct chunk {
    struct chunk *next;
    size_t padding; // keeps what follows aligned
};

struct arena {
    struct chunk *chunks;
    uint8_t *at;       // free bytes of the current chunk
    size_t left;       // and how many
    size_t chunk_size; // of the next one
};

_Static_assert(sizeof(struct chunk) % ALIGNMENT == 0, "keeps alignment");

static _Noreturn void out_of_memory(size_t len) {
    fprintf(stderr, "mctrace: error: out of memory (%zu bytes more)\n", len);
    exit(1);
}

struct arena *arena_new(void) {
    struct arena *arena = calloc(1, sizeof *arena);
    if (!arena)
        out_of_memory(sizeof *arena);
    arena->chunk_size = FIRST_CHUNK;
    return arena;
}

void arena_free(struct arena *arena) {
    if (!arena)
        return;
    for (struct chunk *chunk = arena->chunks; chunk;) {
        struct chunk *next = chunk->next;
        free(chunk);
        chunk = next;
    }
    free(arena);
}

static uint8_t *add_chunk(struct arena *arena, size_t len) {
    if (len > SIZE_MAX - sizeof(struct chunk))
        out_of_memory(len);
    struct chunk *chunk = calloc(1, sizeof *chunk + len);
    if (!chunk)
        out_of_memory(len);
    chunk->next = arena->chunks;
    arena->chunks = chunk;
    return (uint8_t *)(chunk + 1);
}

void *arena_alloc(struct arena *arena, size_t len) {
    if (len > SIZE_MAX - ALIGNMENT)
        out_of_memory(len);
#if __has_feature(address_sanitizer)
    return add_chunk(arena, len ? len : 1);
#endif
    len = (len + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (len > arena->left) {
        if (len > arena->chunk_size / 4)
            return add_chunk(arena, len);
        arena->at = add_chunk(arena, arena->chunk_size);
        arena->left = arena->chunk_size;
        if (arena->chunk_size < LARGEST_CHUNK)
            arena->chunk_size *= 2;
    }
    void *p = arena->at;
    arena->at += len;
    arena->left -= len;
    return p;
}

// What is given back stays with the process: neither of its own mapping nor cut
// off at the end. A page is there once it was written.
size_t memory_take_ahead(size_t len) {
    uint8_t *memory = NULL;
    mallopt(M_MMAP_THRESHOLD, INT32_MAX);
    mallopt(M_TRIM_THRESHOLD, INT32_MAX);
    while (len > 0 && !(memory = malloc(len)))
        len /= 2;
    for (size_t at = 0; at < len; at += 4096)
        ((volatile uint8_t *)memory)[at] = 1;
    free(memory);
    return len;
}

void *arena_grow(struct arena *arena, const void *old, size_t old_len,
                 size_t new_len) {
    void *p = arena_alloc(arena, new_len);
    if (old_len)
        memcpy(p, old, old_len < new_len ? old_len : new_len);
    return p;
}

void *arena_reserve(struct arena *arena, void *items, size_t item_len,
                    size_t count, size_t *room) {
    if (count < *room)
        return items;
    size_t more = *room ? *room * 2 : 8;
    if (more < *room || more > SIZE_MAX / item_len)
        out_of_memory(SIZE_MAX);
    *room = more;
    return arena_grow(arena, items, count * item_len, more * item_len);
}
