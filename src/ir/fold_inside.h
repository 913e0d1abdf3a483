// fold_inside.h: what the files of folding share.

#ifndef MCTRACE_IR_FOLD_INSIDE_H
#define MCTRACE_IR_FOLD_INSIDE_H

#include "ir/fold.h"

// A clause that is being folded at a site.
struct fold {
    struct folder *folder;
    struct arena *arena;
    const struct site *site;
    const struct ir_clause *clause;
    const struct arch *arch;
    uint8_t *hole_kinds;
    uint64_t *holes;
    size_t hole_count, kind_room, hole_room;
    size_t kind_count;
};

static inline bool is_known(const struct ir_expr *expr) {
    return expr->op == IR_CONST || expr->op == IR_TEXT;
}

// fold.c

// Gives the tree with what is known put in; what goes in may be changed.
struct ir_expr *fold_expr(struct fold *fold, struct ir_expr *original);

// fold_site.c

// A constant of the type and place of `like`; of_site: it differs between
// sites.
struct ir_expr *fold_known_int(struct fold *fold, const struct ir_expr *like,
                               uint64_t value, bool of_site);
struct ir_expr *fold_known_text(struct fold *fold, const struct ir_expr *like,
                                struct str text);
// Gives the number of a new hole.
uint32_t fold_add_hole(struct fold *fold, enum ir_hole_kind kind,
                       uint64_t value);
// What survives folding and is of this site alone is fetched from a hole.
struct ir_expr *fold_settle(struct fold *fold, struct ir_expr *expr);

// argN.
struct ir_expr *fold_arg(struct fold *fold, const struct ir_expr *expr);
struct ir_expr *fold_caller(struct fold *fold, const struct ir_expr *expr);
struct ir_expr *fold_frame(struct fold *fold, const struct ir_expr *expr);
struct ir_expr *fold_ureg(struct fold *fold, const struct ir_expr *expr);
// Gives a walk of the stack what it begins with.
struct ir_expr *fold_stack(struct fold *fold, struct ir_expr *expr);
// Built-ins that look at the stack.
struct ir_expr *fold_stack_call(struct fold *fold, struct ir_expr *expr);
struct ir_expr *fold_errno(struct fold *fold, const struct ir_expr *expr);

#endif
