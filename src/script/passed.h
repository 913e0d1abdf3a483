// passed.h: what the files share that find where a function's arguments and
// its result are.
//
//     passed_shape.c  a type  -> its size, and the numbers that it consists of
//     passed_table.c  how the ABIs pass values, by their kinds
//     passed_rules.c  a shape -> its place, by the table of the machine's ABI
//     passed.c        a place -> the expression that reads it

#ifndef MCTRACE_SCRIPT_PASSED_H
#define MCTRACE_SCRIPT_PASSED_H

#include "script/script.h"

// passed_shape.c

// What a type is to the rules.
enum shape_kind {
    SHAPE_UNKNOWN,
    SHAPE_INTEGER,     // or pointer, of a word at most
    SHAPE_WIDE,        // the same of two words
    SHAPE_FLOAT,       // of 64 bits at most
    SHAPE_QUAD,        // a longer one
    SHAPE_VECTOR,      // of numbers, as compilers have them, not C
    SHAPE_COMPLEX,     // two floating-point numbers
    SHAPE_HOMOGENEOUS, // a structure of up to four equal ones, or vectors
    SHAPE_SMALL,       // any other of two words at most
    SHAPE_LARGE,
    SHAPE_OBJECT, // of C++, that only its class knows how to copy
    SHAPE_COUNT
};

enum leaf_kind {
    LEAF_INTEGER,
    LEAF_POINTER,
    LEAF_FLOAT,
    LEAF_VECTOR,
    LEAF_X87
};

// A number within a type.
struct leaf {
    uint32_t off, len; // bytes
    uint8_t kind;      // enum leaf_kind
};

#define SHAPE_READ 64 // what is longer is LARGE, and its leaves do not matter

struct shape {
    const struct type *type;
    uint8_t kind;            // enum shape_kind
    bool has_union, is_open; // open: it ends with an array of any length
    bool is_packed;          // something is not where its kind belongs
    uint64_t size;
    uint64_t align;   // by what is within
    uint64_t aligned; // and by what its declaration asks for
    struct leaf *leaves;
    size_t leaf_count, leaf_room;
};

void shape_of(struct script *script, const struct type *type,
              struct shape *out);

// passed_table.c

enum passing_way {
    BY_SIMPLER, // by the row of a simpler kind
    IN_GENERAL, // word by word
    IN_FLOATS,  // number by number
    IN_CLASSES, // each word where the numbers in it belong (x86-64)
    IN_PARTS,   // each of one or two numbers where it belongs (RISC-V)
    IN_WORD,    // in one general register or not at all
    ON_STACK,
    BY_ADDRESS
};

enum {
    EVEN = 1,  // what is aligned as two words begins with an even register
    PAIRS = 2, // what is two words long does, and nothing else is aligned, on
               // the stack too
    LAST = 4,  // where it lacks registers, no later value takes what is left
    SPLIT = 8, // it may end on the stack
    OR_GENERAL = 16,   // without registers of its own it is as any other
    LAST_OF_LLVM = 32, // LAST if the compiler is LLVM, and else not
};

enum longer_vectors {
    LONGER_UNKNOWN, // as the compiler's options decide
    LONGER_LARGE,   // as structures
    LONGER_BY_GNU   // so by gcc, and by others as results
};

struct passing_row {
    uint8_t way; // enum passing_way
    uint8_t how;
};

struct passing_rules {
    struct passing_row arguments[SHAPE_COUNT], results[SHAPE_COUNT];
    bool has_result_argument; // the address of a result in memory comes first
    bool leaves_address;      // and is returned
    bool has_singles;       // registers of 32 bits, side by side a wider number
    bool has_halves;        // a wider number than 64 bits takes two registers
    bool heeds_asked;       // alignment as the declaration asks for it
    bool is_variadic_plain; // functions that take any number of arguments pass
                            // them as if there were no floating-point registers
    bool lacks_open; // compilers differ about small structures that are open
    uint8_t vectors; // the longest of them that has a row
    uint8_t longer;  // how longer ones are passed: enum longer_vectors
    bool has_gnu_vectors; // gcc's way with vectors alone is known
};

const struct passing_rules *passing_table(const struct arch *arch);

// passed_rules.c

enum piece_from { PIECE_GENERAL, PIECE_FLOAT, PIECE_X87 };

// What a register holds of a value: from its byte `at` on.
struct piece {
    uint8_t from; // enum piece_from
    uint8_t at, len;
    uint32_t number; // of the register among those for arguments, or results
};

enum place_kind {
    PLACE_UNKNOWN,
    PLACE_REGISTERS,
    PLACE_STACK,
    PLACE_SPLIT,    // what the registers do not have is at the stack's start
    PLACE_REFERENCE // its address is: in the register, on the stack, forgotten
};

#define PIECES_MOST 16

struct place {
    uint8_t kind; // enum place_kind
    uint8_t count;
    bool is_forgotten; // of a result's address: no register has it any more
    struct piece pieces[PIECES_MOST];
    uint64_t off; // on the stack, from the first argument there
};

// Where values are as they are handed over, one after the other.
struct passing {
    struct script *script;
    const struct arch *arch;
    struct compiler compiler;
    bool is_result, is_variadic;
    bool is_lost; // it is not known how an earlier one was passed
    uint32_t general, general_most; // registers that are taken
    uint32_t floats;                // the same, a bit each
    uint64_t stack;                 // bytes
};

struct passing passing_arguments(struct script *script,
                                 const struct type *function);
struct passing passing_result(struct script *script,
                              const struct type *function);
void passing_place(struct passing *passing, const struct type *type,
                   struct place *out);

#endif
