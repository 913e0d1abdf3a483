// ground.h: what is found out of code without marks; private to ground.c and
// ground_data.c.

#ifndef MCTRACE_PROGRAM_GROUND_H
#define MCTRACE_PROGRAM_GROUND_H

#include "program/bits.h"

enum { UNKNOWN, BEGINS, BEGINS_OTHER, GOES_ON, DATA, NOWHERE };
// Beside the state: a line that was tried begins there; something calls it, or
// a pointer leads there.
enum { STATE = 7, TRIED = 8, ENTRY = 16 };
enum { STEP = 2, WORD = 4 };

struct ground_part {
    uint64_t va, len;
    uint8_t *places; // of each halfword
};

struct ground {
    struct ground_part *parts;
    size_t count;
};

// How sure it is that code begins somewhere.
enum trust { IS_SURE, IS_BEHIND_CALL, IS_FOUND, TRUST_COUNT };

struct mode_list {
    struct code_mode *items;
    size_t count, room, next;
};

struct survey {
    struct program *program;
    const struct ground *ground;
    struct arena *arena;
    struct mode_list todo[TRUST_COUNT];
};

// ground.c

// The state of a place, NOWHERE outside of code; whether one is where an
// instruction begins.
uint8_t ground_state_at(const struct ground *ground, uint64_t va);
bool ground_begins(uint8_t state);
// What is to be followed, unless it is known already.
void ground_add(struct survey *survey, enum trust trust, uint64_t va,
                uint8_t mode);
// The same of an address that tells its mode.
void ground_add_address(struct survey *survey, enum trust trust,
                        uint64_t address);
void ground_follow_all(struct survey *survey);
// Whether bytes look like code of the mode, not of the other; whether what is
// there saves its return address.
bool ground_looks_like(const struct survey *survey, struct code_mode at);
bool ground_begins_function(const struct survey *survey, struct code_mode at);

// ground_data.c

// Addresses of code in data: pointers that are relocated, and numbers that only
// may be some.
void ground_try_pointers(struct survey *survey);
void ground_try_numbers(struct survey *survey);

#endif
