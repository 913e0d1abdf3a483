// lower.h: what the files that make IR of the tree share.

#ifndef MCTRACE_SCRIPT_LOWER_H
#define MCTRACE_SCRIPT_LOWER_H

#include "script/script.h"

// A clause being lowered.
struct lowering {
    struct script *script;
    struct arena *arena;
    struct ir_segment *segment; // its record, where statements record
    bool exits;
    bool wants_result; // the address of one that memory has
};

// lower_expr.c

// The value of an expression; of a struct, union or array its address.
struct ir_expr *lower_node(struct lowering *lower, const struct node *node);
// The value as one of a type that it fits: check_fits().
struct ir_expr *lower_value(struct lowering *lower, const struct node *node,
                            const struct type *type);
// A truth value as an int.
struct ir_expr *lower_truth(struct lowering *lower, const struct node *node);
// ++ and -- where their value is not asked for: variable = variable op 1.
struct ir_expr *lower_stepped(struct lowering *lower, const struct node *node);
// `expr` as `type`; a constant at once.
struct ir_expr *lower_as(struct lowering *lower, struct ir_expr *expr,
                         struct ir_type type);
struct ir_expr *lower_pair(struct lowering *lower, enum ir_op op,
                           struct ir_type type, struct ir_expr *a,
                           struct ir_expr *b, struct span span);

// lower_inline.c

// The value of an inline, with its arguments.
struct ir_expr *lower_inline(struct lowering *lower, const struct node *node);
// A member of what is translated, and all of it: as a block's address.
struct ir_expr *lower_translated(struct lowering *lower,
                                 const struct node *node);
struct ir_expr *lower_whole_translated(struct lowering *lower,
                                       const struct node *node);

// lower_place.c

// Where a place lies, as a u64. `makes`: an element that is not there is made.
struct ir_expr *lower_address(struct lowering *lower, const struct node *node,
                              bool makes);
// Whose memory an address means.
enum ir_space lower_space(const struct ir_expr *address);
// The text at an address; `most` bytes of it, 0: as many as a string holds.
struct ir_expr *lower_text_at(struct lowering *lower, struct ir_expr *address,
                              uint64_t most);
// A variable of the clause that has the value of `expr` once `*before`, which
// is added to, was worked out.
struct ir_expr *lower_kept(struct lowering *lower, struct ir_expr *expr,
                           struct ir_expr **before);
// Where a new variable of the clause lies, one whose name no script could say.
struct ir_expr *lower_new_block(struct lowering *lower, const struct type *type,
                                struct span span);
// A member of what is translated, put where it belongs in the whole at
// `address`.
struct ir_expr *lower_store_member(struct lowering *lower,
                                   struct ir_expr *address,
                                   const struct translation *translation);
// A number of elements in bytes, as a u64.
struct ir_expr *lower_scaled(struct lowering *lower, struct ir_expr *count,
                             uint64_t size);

// A place that is read; or changed, too, and then found once.
struct lowered_place {
    const struct node *node;
    struct ir_expr *variable; // a whole variable,
    struct ir_expr *address;  // or where it lies
    struct ir_expr *before;   // what must be done first, or NULL
};
struct lowered_place lower_place_of(struct lowering *lower,
                                    const struct node *node, bool changes);
struct ir_expr *lower_place_read(struct lowering *lower,
                                 struct lowered_place *place);
struct ir_expr *lower_place_write(struct lowering *lower,
                                  struct lowered_place *place,
                                  struct ir_expr *value);

// lower_result.c

// Where memory has the result of the function that returns.
struct ir_expr *lower_returned(struct lowering *lower, struct span span);
// Of these probes, those of returns have that asked for.
void lower_keep_results(struct script *script,
                        const struct probe_clause *probes);
// The clauses that keep it, once all others are there.
void lower_own_clauses(struct script *script);

// lower_action.c

struct ir_segment *lower_segment_new(struct lowering *lower);
// All its actions are there: their lengths are known.
void lower_segment_close(struct ir_segment *segment);
// An action of actions.def, within a segment.
struct ir_stmt *lower_record(struct lowering *lower, const struct node *call);
struct ir_expr *lower_key(struct lowering *lower, const struct node *key,
                          const struct ir_aggregation *aggregation, uint32_t i);

#endif
