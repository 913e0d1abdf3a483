// bitpat.h: instructions as the manual draws them.
//
// A pattern is a string with one character for each bit of a word of 16 or 32
// bits, the most significant first, just as in the encoding diagrams of the
// manuals, without blanks:
//
//     "1001000100iiiiiiiiiiiinnnnnddddd"    add <Xd|SP>, <Xn|SP>, #i
//
//     0 1      the bit is so, or the word is not this instruction
//     letter   a bit of the field of that name. All bits that bear the letter
//              make up the field, wherever they stand, in this order: the
//              leftmost is its most significant bit. (Where a machine scatters
//              an immediate out of order, the parts get letters of their own.)
//     .        any bit, of no interest
//
// Upper and lower case are different letters. What a letter means is the
// machine's affair; it does well to let each mean one thing in all of its rows,
// so that one routine reads the `n` of them all.
//
// A table is an array of struct bitrow, ended by a row without pattern; the
// first row that matches is taken, so special cases stand before the general
// one. Its columns besides the pattern are
//
//     form     what the machine's decoder does about it (an enum of its own)
//     reads    letters of the fields whose registers are read, and
//     writes   written; further characters for what has no field (the flags, a
//              fixed register) as the machine likes
//
// A table of hundreds of rows is a slow thing to search for each of a million
// instructions: cut it as the manual does, by the major opcode, and choose the
// table first.
//
// The same strings make instructions:
//
//     bitpat_encode("000101iiiiiiiiiiiiiiiiiiiiiiiiii", FIELDS({'i', off / 4}))
//
// and bitpat_set() replaces one field of a word and leaves all else as it is.
// A field takes the low bits of what is given; bitpat_fits() asks first.

#ifndef MCTRACE_ARCH_BITPAT_H
#define MCTRACE_ARCH_BITPAT_H

#include "base/base.h"

struct bitpat {
    const char *text;
    uint32_t mask, value; // word & mask == value
};

struct bitrow {
    struct bitpat pattern;
    uint8_t form;
    const char *reads, *writes;
};

// A pattern as a constant: BITPAT32("..."), BITPAT16("..."). That it has the
// right length is checked when it is compiled.
#define BITPAT32(text)                                                         \
    {text,                                                                     \
     BITPAT_ALL_(text, 32, '0') | BITPAT_ALL_(text, 32, '1') |                 \
         BITPAT_HAS_LENGTH_(text, 32),                                         \
     BITPAT_ALL_(text, 32, '1')}
#define BITPAT16(text)                                                         \
    {text,                                                                     \
     BITPAT_HALF_(text, 16, 0, '0') | BITPAT_HALF_(text, 16, 0, '1') |         \
         BITPAT_HAS_LENGTH_(text, 16),                                         \
     BITPAT_HALF_(text, 16, 0, '1')}

// The bits at which a pattern of n has the character c.
#define BITPAT_ONE_(text, n, i, c)                                             \
    ((uint32_t)((text)[i] == (c)) << ((n) - 1 - (i)))
#define BITPAT_FOUR_(text, n, i, c)                                            \
    (BITPAT_ONE_(text, n, i, c) | BITPAT_ONE_(text, n, (i) + 1, c) |           \
     BITPAT_ONE_(text, n, (i) + 2, c) | BITPAT_ONE_(text, n, (i) + 3, c))
#define BITPAT_HALF_(text, n, i, c)                                            \
    (BITPAT_FOUR_(text, n, i, c) | BITPAT_FOUR_(text, n, (i) + 4, c) |         \
     BITPAT_FOUR_(text, n, (i) + 8, c) | BITPAT_FOUR_(text, n, (i) + 12, c))
#define BITPAT_ALL_(text, n, c)                                                \
    (BITPAT_HALF_(text, n, 0, c) | BITPAT_HALF_(text, n, 16, c))
// Zero, or an error.
#define BITPAT_HAS_LENGTH_(text, n)                                            \
    ((uint32_t)sizeof(char[sizeof(text) == (n) + 1 ? 1 : -1]) - 1)

static inline bool bitpat_matches(const struct bitpat *pattern, uint32_t word) {
    return (word & pattern->mask) == pattern->value;
}

// The first row that matches; NULL: none.
const struct bitrow *bitrow_find(const struct bitrow *rows, uint32_t word);

// The field of a letter, unsigned or with its first bit as the sign; 0 if the
// pattern does not have the letter.
uint32_t bitpat_field(const char *text, char letter, uint32_t word);
int32_t bitpat_signed_field(const char *text, char letter, uint32_t word);
bool bitpat_has(const char *text, char letter);

// Whether a signed number fits the field.
bool bitpat_fits(const char *text, char letter, int64_t value);
uint32_t bitpat_set(const char *text, char letter, uint32_t value,
                    uint32_t word);

// The word with every field named in `letters` mapped: its value v is map[v].
uint32_t bitpat_map(const char *text, const char *letters, const uint8_t *map,
                    uint32_t word);

struct bitfield {
    char letter;
    uint32_t value;
};

struct bitfields {
    const struct bitfield *items;
    size_t count;
};

// A list for bitpat_encode.
#define FIELDS(...)                                                            \
    ((struct bitfields){(const struct bitfield[]){__VA_ARGS__},                \
                        sizeof((const struct bitfield[]){__VA_ARGS__}) /       \
                            sizeof(struct bitfield)})

// The word with these fields; every letter of the pattern must be among them.
// Bits marked '.' are zero.
uint32_t bitpat_encode(const char *text, struct bitfields fields);

#endif
