// script.h: the D front end, from text to IR.
//
// lex.c answers two questions, "next probe description" and "next expression
// token", because D's words depend on where they stand. parse.c and expr.c
// build a tree with source spans, one function per grammar rule; type.c and
// check.c give every node a type; lower.c makes IR of it. The parser recovers
// at the end of a clause, so a run reports several errors.
//
// (The tree's own types follow below the entry points.)

#ifndef MCTRACE_SCRIPT_H
#define MCTRACE_SCRIPT_H

#include "ir/ir.h"

// What the outside passes into a script.
struct script_options {
    const char *const *macro_args; // $1, $2 ...
    size_t macro_arg_count;
    bool default_args; // missing ones are 0 or ""
};

// The whole front end. Returns NULL after at least one error was reported.
struct ir_script *script_compile(struct arena *arena, struct source *source,
                                 const struct script_options *options,
                                 const struct arch *arch, struct diag *diag);

#endif
