// lower.h: what the files that make IR of the tree share.

#ifndef MCTRACE_SCRIPT_LOWER_H
#define MCTRACE_SCRIPT_LOWER_H

#include "script/script.h"

// A clause being lowered.
struct lowering {
    struct script *script;
    struct arena *arena;
    bool exits;
};

// lower_expr.c

struct ir_expr *lower_node(struct lowering *lower, const struct node *node);
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

#endif
