// inline.c: the part of the runtime that becomes part of stencils.
//
// The only file that mctrace carries as bitcode: its functions are inlined
// into a script's code, where the parameters are constants. All others are
// compiled when mctrace is built, and the table below is how generated code
// knows their types; nothing else refers to it.

#include "rt.h"

// Distributions over many powers are too long to stand at every site.
#define mct_update_llquantize(at, value, increment, p0, p1, p2, p3)            \
    mct_cell_add(&(at)[mct_llquantize_index(value, p0, p1, p2, p3)], increment)

#define AGG(name, id, least, most, cells)                                      \
    __attribute__((always_inline)) HIDDEN void mct_agg_##name(                 \
        uint64_t *at, int64_t value, uint64_t increment, int64_t p0,           \
        int64_t p1, int64_t p2, int64_t p3);                                   \
    void mct_agg_##name(uint64_t *at, int64_t value, uint64_t increment,       \
                        int64_t p0, int64_t p1, int64_t p2, int64_t p3) {      \
        mct_update_##name(at, value, increment, p0, p1, p2, p3);               \
    }
#include "mctrace/aggs.def"
#undef AGG

extern const void *const mct_functions[];
const void *const mct_functions[] = {
#define CALL(name) (const void *)mct_##name,
#define SITE(name)
#define ARG(name)
#define CALLER(name)
#define ERRNO(name)
#define ACTION(name)                 CALL(name)
#define VARIABLE(name, type, source) source(name)
#define REFUSED(name, reason)
#define FUNCTION(name, result, arguments, source) source(name)
#include "mctrace/builtins.def"
    (const void *)mct_agg_find,       (const void *)mct_string_copy,
    (const void *)mct_string_compare, (const void *)mct_finish,
    (const void *)mct_thread_exit,    (const void *)mct_arm,
    (const void *)mct_guard_action,   (const void *)mct_guard_acted,
    (const void *)mct_guard_mask,     (const void *)mct_guard_mask_pair,
};
