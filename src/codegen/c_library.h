// c_library.h: the runtime's inline part as text, in pieces that can be had one
// by one.

#ifndef MCTRACE_CODEGEN_C_LIBRARY_H
#define MCTRACE_CODEGEN_C_LIBRARY_H

#include "base/base.h"

// A word of C, or what stands between words.
enum c_token_kind { C_END, C_SPACE, C_COMMENT, C_NAME, C_OTHER };
struct c_token {
    uint8_t kind; // enum c_token_kind
    struct str text;
};
// The one at `*at`, which is moved behind it.
struct c_token c_token_next(struct str text, size_t *at);

// A declaration or a definition, with the comment above it.
struct c_piece {
    struct str comment, code, name;
    struct c_piece *same; // another that says the same name
    uint32_t parameters;  // of a function
    bool is_preserving;   // a call of it leaves registers alone
    bool is_assertion;
    bool is_needed;
    bool is_apart; // from the piece ahead of it, by an empty line
};

struct c_library {
    struct arena *arena;
    struct c_piece **pieces;
    size_t count, room;
    struct map names; // what a piece declares
};

void c_library_read(struct c_library *library, struct arena *arena,
                    struct str text);
const struct c_piece *c_library_find(const struct c_library *library,
                                     struct str name); // NULL: not there
// Everything that `text` names becomes needed, and what that names.
void c_library_need(struct c_library *library, struct str text);
// What is needed, in order.
void c_library_print(const struct c_library *library, struct bytes *out);

#endif
