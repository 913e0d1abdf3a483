// format.h: the formats of printf(), printa(), system() and freopen().
//
//     "%-10s: %*d%%\n"     is    [""     s  left, width 10     ]
//                                [": "   d  width an argument  ]
//                                ["%\n"  nothing               ]
//
// A format is a constant of the script, so it is parsed here, once for all:
// the front end checks arguments against the pieces, the reader prints by
// them. Each piece is literal text and the conversion behind it; the last may
// be text alone. Arguments are counted in the order in which they are taken,
// a `*` ahead of the value it belongs to.

#ifndef MCTRACE_FORMAT_H
#define MCTRACE_FORMAT_H

#include "base/base.h"

enum format_conversion {
    FORMAT_NONE, // literal text alone
#define CONVERSION(name, takes, bits, sign) FORMAT_##name,
#include "ir/conversions.def"
#undef CONVERSION
    FORMAT_COUNT
};

enum format_takes {
    FORMAT_TAKES_NOTHING,
    FORMAT_TAKES_INT,
    FORMAT_TAKES_SMALL,
    FORMAT_TAKES_ADDRESS,
    FORMAT_TAKES_FLOAT,
    FORMAT_TAKES_TEXT,
    FORMAT_TAKES_WIDE,
    FORMAT_TAKES_STACK,
    FORMAT_TAKES_TIME
};

enum format_sign {
    FORMAT_SIGN_EITHER,
    FORMAT_SIGN_SIGNED,
    FORMAT_SIGN_UNSIGNED
};

// A row of conversions.def.
struct format_row {
    const char *name; // "lld"
    uint8_t takes;    // enum format_takes
    uint8_t bits;     // 0: any size
    uint8_t sign;     // enum format_sign
};
const struct format_row *format_row(enum format_conversion conversion);

enum format_flag {
    FORMAT_ALTERNATE = 1, // #
    FORMAT_ZERO = 2,      // 0
    FORMAT_LEFT = 4,      // -
    FORMAT_PLUS = 8,      // +
    FORMAT_SPACE = 16,
    FORMAT_GROUP = 32,              // '
    FORMAT_AGGREGATION = 64,        // @: the value of an aggregation
    FORMAT_WIDTH_ARGUMENT = 128,    // *
    FORMAT_PRECISION_ARGUMENT = 256 // .*
};

struct format_piece {
    struct str literal; // printed first; "%%" in it is one '%' already
    uint8_t conversion; // enum format_conversion
    char letter;        // of the conversion: 'd' of "lld"; NUL: none
    uint16_t flags;     // enum format_flag
    int32_t width;      // 0: none; `%?` gives that of a pointer in hex
    int32_t precision;  // -1: none
    uint32_t number;    // among conversions, from 1, as messages count
    uint32_t argument;  // the first it takes, from 0; not of FORMAT_AGGREGATION
};

struct format {
    struct format_piece *pieces;
    uint32_t count;
    uint32_t argument_count; // values, widths and precisions
    // Of what is wrong with it, in DTrace's words; NULL: nothing. The pieces
    // ahead of it are there.
    const char *problem;
};

// Which argument is the value: behind those of width and precision.
uint32_t format_value_argument(const struct format_piece *piece);
struct format format_parse(struct arena *arena, struct str text);

#endif
