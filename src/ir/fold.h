// fold.h: what the files behind fold_clause() share.

#ifndef MCTRACE_IR_FOLD_H
#define MCTRACE_IR_FOLD_H

#include "ir/ir.h"

// layout.c: the region offset of the element of `aggregation` under `keys`.
uint64_t layout_slot(struct layout *layout, struct ir_aggregation *aggregation,
                     const uint64_t *keys);
// shape.c
void shape_write(struct bytes *out, const struct ir_clause *clause);

// marker.c

// The argument of a probe that the program's authors made, to be folded.
struct ir_expr *marker_arg(struct arena *arena, const struct site *site,
                           const struct ir_expr *arg);
// The text of an operand that cannot be read; empty: it can be, or there is
// none.
struct str marker_unread(const struct site *site, uint64_t number);

// event.c

// Whether the site's event has happened; NULL: it has.
struct ir_expr *event_condition(struct arena *arena, const struct site *site,
                                const struct arch *arch, struct span span);
// The event's argument, to be folded.
struct ir_expr *event_arg(struct arena *arena, const struct site *site,
                          const struct arch *arch, const struct ir_expr *arg);

#endif
