// bitpat.c: matching, reading and making words by bit patterns; see bitpat.h.

#include <assert.h>
#include <string.h>

#include "arch/bitpat.h"

const struct bitrow *bitrow_find(const struct bitrow *rows, uint32_t word) {
    for (; rows->pattern.text; rows++)
        if (bitpat_matches(&rows->pattern, word))
            return rows;
    return NULL;
}

static unsigned field_bits(const char *text, char letter) {
    unsigned bits = 0;
    for (; *text; text++)
        bits += *text == letter;
    return bits;
}

bool bitpat_has(const char *text, char letter) {
    return strchr(text, letter) != NULL;
}

// Run by run of the letter; most fields are one. Asked for several times an
// instruction.
uint32_t bitpat_field(const char *text, char letter, uint32_t word) {
    const char *end = text + strlen(text);
    uint32_t value = 0;
    for (text = strchr(text, letter); text; text = strchr(text, letter)) {
        const char *from = text;
        while (*text == letter)
            text++;
        unsigned bits = (unsigned)(text - from), low = (unsigned)(end - text);
        uint32_t run =
            bits < 32 ? (word >> low) & (((uint32_t)1 << bits) - 1) : word;
        value = bits < 32 ? value << bits | run : run;
    }
    return value;
}

int32_t bitpat_signed_field(const char *text, char letter, uint32_t word) {
    unsigned bits = field_bits(text, letter);
    if (bits == 0)
        return 0;
    uint32_t sign = (uint32_t)1 << (bits - 1);
    return (int32_t)((bitpat_field(text, letter, word) ^ sign) - sign);
}

bool bitpat_fits(const char *text, char letter, int64_t value) {
    unsigned bits = field_bits(text, letter);
    int64_t limit = bits > 0 ? (int64_t)1 << (bits - 1) : 0;
    return -limit <= value && value < limit;
}

uint32_t bitpat_set(const char *text, char letter, uint32_t value,
                    uint32_t word) {
    unsigned len = (unsigned)strlen(text);
    for (unsigned at = 0; at < len; at++) {
        if (text[len - 1 - at] != letter)
            continue;
        word = (word & ~((uint32_t)1 << at)) | (value & 1) << at;
        value >>= 1;
    }
    return word;
}

uint32_t bitpat_map(const char *text, const char *letters, const uint8_t *map,
                    uint32_t word) {
    uint32_t mapped = word;
    for (const char *letter = letters; *letter; letter++)
        if (bitpat_has(text, *letter))
            mapped = bitpat_set(text, *letter,
                                map[bitpat_field(text, *letter, word)], mapped);
    return mapped;
}

uint32_t bitpat_encode(const char *text, struct bitfields fields) {
    uint32_t word = 0;
    for (const char *c = text; *c; c++)
        word = word << 1 | (*c == '1');
    for (size_t i = 0; i < fields.count; i++) {
        assert(bitpat_has(text, fields.items[i].letter));
        word = bitpat_set(text, fields.items[i].letter, fields.items[i].value,
                          word);
    }
    return word;
}
