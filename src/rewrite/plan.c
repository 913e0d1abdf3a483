// plan.c: by which tactic each site is reached.
//
// Function by function: the shots of an instruction make a place; for each
// place, in order of address, the tactics are tried from the cheapest on. A
// place that a window made for another one covers already is done. What needs
// other code to be changed (branches, spare bytes) waits until the rest of the
// function is settled, since that may have covered it by then.
//
// Calls and system calls are kept where they are when they can be: the window
// then ends before them and their shots run at its end, so that a restarted or
// cancelled system call, and whoever looks at return addresses, see the
// addresses they know.
//
// If instructions turn out not to be movable when their trampolines are
// written, the function is planned again with these barred.

#include "rewrite/plan.h"

#include <assert.h>

#define TAIL_GAP     16 // bytes a window may grow by to reach the next place
#define MOST_ROUNDS  16
// A longer function is worked on in pieces of this many bytes: what is found
// by looking around costs the square of a piece. Stripped code of compilers
// that describe nothing is one function of megabytes.
#define PIECE_LEN    16384
// What a short function is worked on with.
#define JOINED_LEAST 64
// How often one that lacks room is given more of the functions behind it.
#define JOINS_MOST   3

// A place to be reached.
struct want {
    uint64_t va;
    bool displace;
    unsigned grow; // GROW_SYSCALL if the instruction is one that must move
    struct insn insn;
};

static bool is_long_enough(const struct plan *plan,
                           const struct stretch *stretch) {
    return stretch->end_va - stretch->va >= plan->jump->len;
}

static bool is_call(const struct insn *insn) {
    return insn->kind == INSN_CALL || insn->kind == INSN_CALL_INDIRECT;
}

// --- tactics --------------------------------------------------------------

// The call itself, by a call.
static bool fit_call(struct plan *plan, const struct want *want,
                     struct stretch *stretch) {
    return is_call(&want->insn) &&
           stretch_begin(plan, stretch, want->va, GROW_CALL) &&
           is_long_enough(plan, stretch) && stretch_takes_call(plan, stretch);
}

// A window that ends before a call or system call that stays.
static bool fit_end(struct plan *plan, const struct want *want,
                    struct stretch *stretch) {
    if (want->displace || window_is_target(plan, want->va) ||
        !(is_call(&want->insn) || want->insn.kind == INSN_SYSCALL))
        return false;
    *stretch = (struct stretch){want->va, want->va, WINDOW_OPEN | WINDOW_TAIL};
    while (!is_long_enough(plan, stretch))
        if (!stretch_backward(plan, stretch, GROW_PLAIN))
            return false;
    return true;
}

static bool grow_forward(struct plan *plan, const struct want *want,
                         struct stretch *stretch, unsigned grow) {
    if (!stretch_begin(plan, stretch, want->va, grow))
        return false;
    while (!is_long_enough(plan, stretch))
        if (!stretch_forward(plan, stretch, grow))
            return false;
    return true;
}

static bool fit_direct(struct plan *plan, const struct want *want,
                       struct stretch *stretch) {
    return grow_forward(plan, want, stretch, want->grow);
}

// ... with a call as its last instruction, by a call.
static bool fit_direct_call(struct plan *plan, const struct want *want,
                            struct stretch *stretch) {
    return grow_forward(plan, want, stretch, want->grow | GROW_CALL) &&
           stretch_takes_call(plan, stretch);
}

static bool runs_into_padding(struct plan *plan,
                              const struct stretch *stretch) {
    uint64_t end_va = stretch->va + plan->jump->len;
    return !(stretch->flags & (WINDOW_OPEN | WINDOW_ENDS_CALL)) &&
           end_va > stretch->end_va &&
           space_take_padding(plan, stretch->end_va, end_va - stretch->end_va);
}

static bool fit_padding(struct plan *plan, const struct want *want,
                        struct stretch *stretch) {
    return !grow_forward(plan, want, stretch, want->grow) &&
           stretch->end_va > stretch->va && runs_into_padding(plan, stretch);
}

static bool fit_before(struct plan *plan, const struct want *want,
                       struct stretch *stretch) {
    unsigned grow = want->grow & GROW_SYSCALL;
    if (grow_forward(plan, want, stretch, want->grow) ||
        stretch->end_va == stretch->va)
        return false;
    while (!is_long_enough(plan, stretch))
        if (!stretch_backward(plan, stretch, grow))
            return false;
    return true;
}

// ... and runs on into padding as well.
static bool fit_padding_before(struct plan *plan, const struct want *want,
                               struct stretch *stretch) {
    return !fit_before(plan, want, stretch) && stretch->end_va > stretch->va &&
           runs_into_padding(plan, stretch);
}

// ... with a call as its last instruction.
static bool fit_before_call(struct plan *plan, const struct want *want,
                            struct stretch *stretch) {
    struct want with_call = *want;
    with_call.grow |= GROW_CALL;
    return fit_before(plan, &with_call, stretch) &&
           stretch_takes_call(plan, stretch);
}

// The return address is pushed, and the callee jumped to: the processor's
// prediction of the return fails.
static bool fit_pushed_call(struct plan *plan, const struct want *want,
                            struct stretch *stretch) {
    struct want with_call = *want;
    with_call.grow |= GROW_CALL;
    return grow_forward(plan, want, stretch, with_call.grow) ||
           fit_before(plan, &with_call, stretch);
}

static bool fit_moved_syscall(struct plan *plan, const struct want *want,
                              struct stretch *stretch) {
    struct want moves = *want;
    moves.grow |= GROW_SYSCALL;
    return grow_forward(plan, &moves, stretch, moves.grow) ||
           fit_before(plan, &moves, stretch);
}

struct row {
    enum tactic tactic;
    bool (*fit)(struct plan *plan, const struct want *want,
                struct stretch *stretch);
};

// Cheapest first; what comes later costs more when it runs.
static const struct row quick[] = {
    {TACTIC_CALL, fit_call},        {TACTIC_BEFORE, fit_end},
    {TACTIC_DIRECT, fit_direct},    {TACTIC_CALL, fit_direct_call},
    {TACTIC_PADDING, fit_padding},  {TACTIC_BEFORE, fit_before},
    {TACTIC_CALL, fit_before_call}, {TACTIC_PADDING, fit_padding_before},
};
static const struct row costly[] = {
    {TACTIC_DIRECT, fit_moved_syscall},
    {TACTIC_DIRECT, fit_pushed_call},
};

// --- places ---------------------------------------------------------------

static bool has_tail(const struct plan *plan, const struct stretch *stretch,
                     uint64_t va) {
    return stretch->end_va == va && (stretch->flags & WINDOW_OPEN) &&
           !window_is_target(plan, va);
}

// Whether a window reaches `va` already, or does when it grows a little.
static bool attach(struct plan *plan, const struct want *want) {
    struct window *window = window_before(plan, want->va);
    uint64_t va = want->va;
    if (window == NULL || (window->flags & (WINDOW_UNENTERED | WINDOW_SETTLED)))
        return window != NULL && va < window->va + window->len;
    uint64_t end_va = window->va + window->len;
    if (va < end_va)
        return true;
    if (va > end_va + TAIL_GAP || !(window->flags & WINDOW_OPEN) ||
        (want->displace && want->insn.kind == INSN_SYSCALL))
        return false;
    struct stretch stretch;
    stretch_from(&stretch, window);
    while (stretch.end_va < va || (want->displace && stretch.end_va == va))
        if (!stretch_forward(plan, &stretch, want->grow))
            return false;
    if (stretch.end_va == va && !has_tail(plan, &stretch, va))
        return false;
    if (stretch.end_va == va)
        stretch.flags |= WINDOW_TAIL;
    if (!way_is_open(plan, &stretch))
        return false;
    enum tactic tactic = window->tactic;
    uint64_t island_va = window->island_va;
    window_commit(plan, &stretch, tactic)->island_va = island_va;
    return true;
}

static bool try_rows(struct plan *plan, const struct want *want,
                     const struct row *rows, size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct stretch stretch = {0};
        if (rows[i].fit(plan, want, &stretch) && way_is_open(plan, &stretch)) {
            window_commit(plan, &stretch, rows[i].tactic);
            return true;
        }
    }
    return false;
}

static bool make_want(struct plan *plan, uint64_t va, bool displace,
                      struct want *want) {
    *want = (struct want){.va = va, .displace = displace};
    if (!window_decode(plan, va, &want->insn))
        return false;
    if (displace && want->insn.kind == INSN_SYSCALL)
        want->grow = GROW_SYSCALL;
    return true;
}

bool plan_cover(struct plan *plan, uint64_t va, bool displace) {
    struct want want;
    return make_want(plan, va, displace, &want) &&
           (attach(plan, &want) ||
            try_rows(plan, &want, quick, COUNT_OF(quick)));
}

// A window long enough for a short jump, and the long one elsewhere.
static bool fit_island(struct plan *plan, const struct want *want) {
    struct stretch stretch;
    if (plan->short_jump == NULL)
        return false;
    uint8_t len = plan->short_jump->len;
    bool stays = !want->displace && !window_is_target(plan, want->va) &&
                 (is_call(&want->insn) || want->insn.kind == INSN_SYSCALL);
    if (stays)
        stretch =
            (struct stretch){want->va, want->va, WINDOW_OPEN | WINDOW_TAIL};
    else if (!stretch_begin(plan, &stretch, want->va, want->grow))
        return false;
    while (!stays && stretch.end_va - stretch.va < len)
        if (!stretch_forward(plan, &stretch, want->grow))
            break;
    while (stretch.end_va - stretch.va < len)
        if (!stretch_backward(plan, &stretch, want->grow))
            return false;
    if (!way_is_open(plan, &stretch))
        return false;
    struct windows saved = window_save(plan);
    window_commit(plan, &stretch, TACTIC_ISLAND);
    uint64_t island_va = space_take_island(plan, stretch.va);
    if (island_va == 0)
        window_restore(plan, &saved);
    else
        window_at(plan, stretch.va)->island_va = island_va;
    return island_va != 0;
}

static const char *why_missed(struct plan *plan, const struct want *want,
                              struct place *place) {
    struct stretch stretch;
    uint64_t padding_va;
    if ((want->insn.flags & INSN_PADDING) && !plan->rigid &&
        !window_is_target(plan, want->va) &&
        window_is_closed_before(plan, want->va, &padding_va))
        return "padding that is never executed";
    if (!program_is_shown(plan->program, want->va) &&
        !program_is_filler(plan->program, want->va))
        return "nothing shows that control reaches it: it may be data";
    place->lacks_way = plan->far != NULL && want->insn.target != 0;
    if (want->insn.flags & INSN_IMMOVABLE)
        return "the instruction cannot be moved";
    if (plan->rigid)
        return "any instruction of the function may be a branch target";
    if (program_has_target_within(plan->program, want->va,
                                  want->va + want->insn.len))
        return "an address within the instruction is mentioned, so control "
               "may arrive there";
    if (!stretch_begin(plan, &stretch, want->va, GROW_CALL | GROW_SYSCALL))
        return "the instruction cannot be moved";
    while (stretch_forward(plan, &stretch, GROW_PLAIN))
        if (is_long_enough(plan, &stretch))
            break;
    place->lacks_room = true;
    return str_format(plan->arena,
                      "%u bytes up to a branch target, and no spare bytes "
                      "within reach",
                      (unsigned)(stretch.end_va - stretch.va))
        .p;
}

static void reach_rest(struct plan *plan, struct place *place) {
    struct want want;
    if (!make_want(plan, place->va, place->displace, &want)) {
        place->reason = "no instruction begins here";
        return;
    }
    place->reached = attach(plan, &want) || fit_island(plan, &want) ||
                     retarget_place(plan, place) ||
                     try_rows(plan, &want, costly, COUNT_OF(costly));
    if (!place->reached)
        place->reason = why_missed(plan, &want, place);
}

// --- functions ------------------------------------------------------------

// Where start-up of ours begins, even if nothing else may be run there.
static void reach_anyway(struct plan *plan, const struct place *place) {
    struct place start = {.va = place->va};
    if (!plan_cover(plan, start.va, false))
        reach_rest(plan, &start);
}

void plan_places(struct plan *plan) {
    for (size_t i = 0; i < plan->here_count; i++) {
        struct place *place = &plan->here[i];
        place->lacks_room = place->lacks_way = false;
        place->reason = place_forbids(plan, place);
        place->forbidden = place->reason != NULL;
        place->reached =
            !place->forbidden && plan_cover(plan, place->va, place->displace);
    }
    for (size_t i = 0; i < plan->here_count; i++)
        if (!plan->here[i].reached && !plan->here[i].reason)
            reach_rest(plan, &plan->here[i]);
    for (size_t i = 0; i < plan->here_count; i++)
        if (plan->here[i].forbidden && plan->program->image->is_bare &&
            plan->here[i].va == plan->start_va)
            reach_anyway(plan, &plan->here[i]);
    retarget_loops(plan);
    retarget_calls(plan);
}

bool plan_emit(struct plan *plan) {
    if (plan->local_count == 0)
        return true;
    bool done = true;
    struct str function = plan->function ? plan->function->name : STR("?");
    struct str name =
        str_format(plan->arena, "mctrace:%.*s", STR_ARGS(function));
    veneers_keep_up(plan);
    frames_begin(plan, plan->local[0].va);
    for (size_t i = 0; i < plan->local_count; i++) {
        if (plan->local[i].flags & WINDOW_SETTLED)
            continue;
        if (veneers_are_due(plan)) {
            frames_end(plan, name);
            veneers_keep_up(plan);
            frames_begin(plan, plan->local[i].va);
        }
        if (!trampoline_emit(plan, &plan->local[i])) {
            window_bar(plan, plan->failed_va);
            done = false;
        }
    }
    frames_end(plan, name);
    return done;
}

static void refuse_function(struct plan *plan, const char *reason) {
    for (size_t i = 0; i < plan->here_count; i++) {
        plan->here[i].reached = false;
        plan->here[i].lacks_room = plan->here[i].lacks_way = false;
        plan->here[i].reason = reason;
    }
}

static void keep_windows(struct plan *plan) {
    for (size_t i = 0; i < plan->local_count; i++)
        *ARENA_PUSH(plan->arena, plan->windows, plan->window_count,
                    plan->window_room) = plan->local[i];
}

struct before plan_begin_piece(const struct plan *plan) {
    return (struct before){trampoline_mark(plan), plan->window_count,
                           plan->redirect_count, plan->spare_change_count,
                           plan->exit_count};
}

void plan_take_back(struct plan *plan, const struct before *before) {
    trampoline_return(plan, &before->mark);
    plan->window_count = before->windows;
    plan->redirect_count = before->redirects;
    plan->exit_count = before->exits;
    space_return(plan, before->spares);
}

// False: refused.
static bool build_function(struct plan *plan) {
    if (plan->function != NULL && (plan->function->flags & FUNCTION_BLOB)) {
        refuse_function(plan, "the function lies in a block of code that the "
                              "program may copy");
        return false;
    }
    if (plan->program->image->is_bare &&
        !bare_reaches(plan, plan->lo_va, (uint64_t)plan->jump->max)) {
        refuse_function(plan, "added code lies out of reach of its jumps");
        return false;
    }
    struct before before = plan_begin_piece(plan);
    window_unbar(plan);
    for (int round = 0; round < MOST_ROUNDS;) {
        plan->local_count = 0;
        plan_places(plan);
        bool done = plan_emit(plan), kept = ways_kept(plan);
        bool fits = plan_text_end(plan) <= plan->text_limit_va;
        if (done && kept && fits) {
            keep_windows(plan);
            return true;
        }
        plan_take_back(plan, &before);
        if (!fits && ways_want_room(plan))
            return false;
        if (!fits) {
            refuse_function(plan, "there is no more room for code within reach "
                                  "of jumps");
            return false;
        }
        if (!kept)
            ways_enter_piece(plan);
        round += !done;
    }
    refuse_function(plan, "too many instructions that cannot be moved");
    return false;
}

// Where the piece that begins at va ends: no instruction lies across.
static uint64_t piece_end(const struct plan *plan, uint64_t va,
                          uint64_t end_va) {
    if (end_va - va <= PIECE_LEN + PIECE_LEN / 2)
        return end_va;
    for (uint64_t at = va + PIECE_LEN; at < end_va; at++)
        if (program_is_insn(plan->program, at))
            return at;
    return end_va;
}

static bool is_rigid(const struct function *function) {
    return function == NULL ||
           (function->flags & (FUNCTION_OPAQUE | FUNCTION_UNSURE));
}

// A function of one short instruction, without padding, has no room for a jump,
// nor for what a short one leads to: that is looked for in its neighbours,
// which are worked on together with it.
static bool is_short(const struct plan *plan, const struct function *function) {
    return plan->short_jump != NULL && function->len < plan->jump->len &&
           program_padding_at(plan->program, function->va + function->len) <
               plan->jump->len;
}

// Whether all of a function is in the encoding of the piece.
static bool is_in_mode(const struct plan *plan,
                       const struct function *function) {
    uint64_t va = function->va, end_va = function->va + function->len;
    program_mode_part(plan->program, function->va, &va, &end_va);
    return end_va == function->va + function->len &&
           program_mode_at(plan->program, function->va) == plan->arch->mode;
}

bool plan_may_join(const struct plan *plan, const struct function *function,
                   uint64_t va, uint64_t end_va) {
    return is_in_mode(plan, function) && function->va >= va &&
           function->va + function->len <= end_va && !is_rigid(function) &&
           !(function->flags & FUNCTION_BLOB) && function->len <= PIECE_LEN;
}

static void join_behind(struct plan *plan, const struct function *function) {
    const struct program *program = plan->program;
    const struct function *end = program->functions + program->function_count;
    bool lacks = is_short(plan, function);
    for (function++; function < end &&
                     plan_may_join(plan, function, plan->hi_va, UINT64_MAX);
         function++) {
        bool short_too = is_short(plan, function);
        if (!lacks && !short_too)
            break;
        plan->hi_va = function->va + function->len;
        lacks = short_too || function->len < JOINED_LEAST;
    }
}

static void join_before(struct plan *plan, const struct function *function,
                        uint64_t done_va) {
    const struct program *program = plan->program;
    uint64_t va = function->va;
    if (!is_short(plan, function))
        return;
    for (; function > program->functions && va - plan->lo_va < JOINED_LEAST &&
           plan_may_join(plan, function - 1, done_va, plan->lo_va);
         function--)
        plan->lo_va = function[-1].va;
}

void plan_enter_piece(struct plan *plan, uint64_t va) {
    uint64_t done_va = plan->hi_va;
    const struct function *function = program_function_at(plan->program, va);
    ways_enter_mode(plan, program_mode_at(plan->program, va));
    plan->lo_va = function != NULL ? function->va : va;
    // Pieces before this one, and functions that overlap, are done.
    if (plan->lo_va < plan->hi_va)
        plan->lo_va = plan->hi_va;
    plan->hi_va = function != NULL
                      ? piece_end(plan, va, function->va + function->len)
                      : va + plan->arch->max_insn;
    program_mode_part(plan->program, va, &plan->lo_va, &plan->hi_va);
    plan->function = function;
    plan->here_count = 0;
    ways_enter_piece(plan);
    plan->rigid = is_rigid(function);
    plan->ends_whole = !plan->rigid && is_in_mode(plan, function) &&
                       plan->hi_va == function->va + function->len;
    if (plan->ends_whole) {
        join_before(plan, function, done_va);
        join_behind(plan, function);
    }
}

// The places of the piece, from the first on.
static void gather_here(struct plan *plan, size_t first) {
    plan->here = &plan->places[first];
    plan->here_count = 0;
    while (first + plan->here_count < plan->place_count &&
           plan->here[plan->here_count].va < plan->hi_va)
        plan->here_count++;
}

static bool lacks_room(const struct plan *plan) {
    for (size_t i = 0; i < plan->here_count; i++)
        if (plan->here[i].lacks_room)
            return true;
    return false;
}

// Takes in some of the functions behind, for what they can spare.
static bool join_more(struct plan *plan) {
    const struct program *program = plan->program;
    const struct function *end = program->functions + program->function_count;
    uint64_t least_va = plan->hi_va + JOINED_LEAST, old_va = plan->hi_va;
    if (!plan->ends_whole || plan->short_jump == NULL)
        return false;
    for (const struct function *function = plan->function + 1;
         function < end && plan->hi_va < least_va; function++) {
        if (function->va < plan->hi_va)
            continue;
        if (!plan_may_join(plan, function, plan->hi_va,
                           old_va + (uint64_t)plan->short_jump->max))
            break;
        plan->hi_va = function->va + function->len;
    }
    return plan->hi_va != old_va;
}

// Sites without room near them are worked on once more, together with what is
// behind the piece.
static void build_piece(struct plan *plan, size_t first) {
    struct before before = plan_begin_piece(plan);
    gather_here(plan, first);
    build_function(plan);
    for (int i = 0; i < JOINS_MOST && lacks_room(plan); i++) {
        uint64_t hi_va = plan->hi_va;
        if (!join_more(plan))
            return;
        plan_take_back(plan, &before);
        gather_here(plan, first);
        if (build_function(plan))
            continue;
        plan_take_back(plan, &before);
        plan->hi_va = hi_va;
        gather_here(plan, first);
        build_function(plan);
        return;
    }
}

void plan_functions(struct plan *plan) {
    for (size_t i = 0;
         i < plan->place_count && !plan->failed && !plan->wanted_text;) {
        plan_enter_piece(plan, plan->places[i].va);
        build_piece(plan, i);
        i += plan->here_count;
    }
}
