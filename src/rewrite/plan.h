// plan.h: the state of one rewriting; private to rewrite/.
//
// Work goes function by function, in order of address, and piece by piece
// through a function that is very long:
//
//     places    instructions with shots                       plan.c
//     windows   runs of instructions that a jump covers        window.c, plan.c
//     loops     branches that must not fire or that enter      retarget.c
//               a window behind its start
//     text      a trampoline per window                        trampoline.c
//
// What refers to an address that a later function may still change (displaced
// branches, branches patched in place) is listed and settled at the end, when
// every window and label is known.

#ifndef MCTRACE_REWRITE_PLAN_H
#define MCTRACE_REWRITE_PLAN_H

#include "rewrite/rewrite.h"

// An instruction with shots. What belongs to an endbr64 before it, or fires
// after a system call before it, is among them: those come first, and only
// for who arrives by way of that instruction.
struct place {
    uint64_t va;
    uint32_t first, count; // in input->shots
    bool displace;         // the instruction itself must be moved
    bool forbidden;        // nothing may run there; `reason` says why
    bool reached;
    bool lacks_room;    // not reached, for no other reason
    bool lacks_way;     // ... since what is moved does not reach its target
    const char *reason; // why not; or what is imperfect although reached
};

enum window_flags {
    WINDOW_OPEN = 1,       // control falls through its end
    WINDOW_ENDS_CALL = 2,  // its last instruction is a call
    WINDOW_TAIL = 4,       // shots of the instruction behind it run at its end
    WINDOW_LABELS = 8,     // branches enter its trampoline behind the start
    WINDOW_BY_CALL = 16,   // entered by a call in place of its last one
    WINDOW_UNENTERED = 32, // no jump in place: only branches that were sent
    WINDOW_SETTLED = 64,   // its trampoline is written: it stays as it is
    WINDOW_SPILLS = 128    // its relay leaves a register on the stack
};

// By which a displaced branch gets to its target, in the moved code's stead: a
// relay that has a register again; see relay.c.
struct exit {
    uint64_t from_va, target, relay_va;
    uint8_t arrival; // enum arrival
    bool is_shared;  // the relay is one before it
};

// Where an instruction of a window begins in the text: `start` with all of
// its shots, `body` without those for arrivals by the entry.
struct label {
    uint32_t off; // from the window's va
    uint32_t start, body;
};

struct window {
    uint64_t va;
    uint32_t len;
    uint8_t tactic, flags; // enum tactic, enum window_flags
    uint64_t island_va;    // 0: the jump stands at va
    // Of the jump into the trampoline, and of the one to the island.
    const struct reach *reach, *short_reach;
    // Where `reach` leads first, and the jump that goes on from there; 0: it
    // leads into the trampoline.
    uint64_t relay_va;
    const struct reach *relay;
    // By way of which the trampoline comes back; 0: it needs none.
    uint64_t back_va;
    uint64_t hosted_va; // where the islands at its end begin; 0: none
    uint32_t text_off, text_len;
    struct label *labels;
    uint32_t label_count;
};

// How control comes to a label: a branch of the function itself is a loop,
// which is no entry; a call of it always is one.
enum arrival { ARRIVE_BY_BRANCH, ARRIVE_BY_CALL };

// A displaced direct branch, to be looked at again at the end.
struct moved {
    uint64_t va, target;
    uint32_t text_off;
    uint8_t arrival;           // enum arrival
    const struct reach *reach; // written by arch->jump; NULL: by arch->move
    int32_t sp_bias;
};

// A branch at `va` that shall go to the trampoline of its target.
struct redirect {
    uint64_t va;
    uint8_t arrival; // enum arrival
};

// Bytes that nothing executes: padding, or what a window's jump leaves over.
struct spare {
    uint64_t origin_va, va, end_va;
    uint64_t window_va; // the window it is left over from; 0: padding
};

// A field whose target is only known at the end.
struct deferred {
    uint32_t text_off; // of the code the point is relative to
    const struct patch_point *point;
};

// What is known of a stencil once, for all its copies.
struct stencil_info {
    uint32_t len;       // without a final jump to what follows it
    regset possible;    // registers that others may stand in for
    uint64_t called_va; // where it is to be called; 0: nowhere
    const struct sp_row {
        uint32_t off;
        int32_t lowered;
    } *rows;
    uint32_t row_count;
};

#define RENAME_COUNT 32 // registers that can be renamed are below

#define PLAN_CACHE 256 // decoded instructions, a power of two

// Windows of places, and those made for what they leave over.
enum late_list { LATE_SITES, LATE_DONORS, LATE_LISTS };

// Room for far jumps near the code, and how far it was looked for; see relay.c.
enum stock_from { STOCK_PADDING, STOCK_PARTS, STOCK_CODE, STOCK_SOURCES };
struct stock {
    size_t *spares; // indices
    size_t count, room;
    uint64_t next_va[STOCK_SOURCES];
};

// From behind one system call up to the other there may be no stack; without
// an operating system, from one instruction to the other.
struct stackless {
    uint64_t first_va, last_va;
};

// A probe that fires as time passes, and its code.
struct plan_timer {
    const struct site *site;
    uint64_t code_va;
};

struct plan {
    const struct rewrite_input *input;
    struct rewrite_result *result;
    struct diag *diag;
    struct arena *arena;
    const struct program *program;
    // As it writes the function being worked on; stencils may be of another
    // mode.
    const struct arch *arch, *stencil_arch;
    // The same for the piece at hand. `jump`: into a trampoline, `short_jump`:
    // to an island; NULL: there is none shorter. With clobbers it stands for
    // all of its length, of which one is chosen at each place; see ways.c.
    const struct reach *jump, *short_jump;
    const struct reach *near; // the longest that changes no register
    const struct reach *far;  // NULL: `near` reaches everything
    // With `far`: what a piece is expected to add, and how far that goes.
    uint64_t piece_text, farthest_va;
    bool by_relay; // windows have a near jump, and `far` stands elsewhere
    struct plan_jumps {
        const struct reach *jump, *short_jump, *near, *far;
    } jumps[2];    // by mode
    uint32_t word; // bytes of a return address on the stack
    bool failed;   // reported

    struct bytes text, values;
    uint64_t text_va; // of text.p[0]: the shared code
    // Where functions may add no more, so that jumps reach what comes behind.
    uint64_t text_limit_va;
    // How much room functions would have, where they found that there was too
    // little, and jumps lead farther by way of a register; 0: it was enough.
    uint64_t wanted_text;
    // What addresses in generated code are relative to; 0: they are as such, or
    // relative to the code (arch.h, load_base).
    uint64_t base_va;
    uint32_t arm_off; // in text: mct_text
    uint64_t texts_va, values_va;
    uint64_t region_va, private_va, library_va;
    uint64_t memory_len; // of all three
    // Without an operating system: the first instruction, at which start-up of
    // ours begins, and where it goes on; 0: not yet known.
    uint64_t start_va, resume_va;
    struct map block_offs; // values of all holes of a shot: offset + 1
    struct map value_offs;
    // For calls of added code that do not reach; see veneers.c.
    struct veneers {
        // Of stencils' mode; NULL: all calls reach.
        const struct reach *near, *far;
        uint64_t *fronts;   // what is called
        struct map indices; // of `fronts`, by address: index + 1
        size_t count, room;
        uint64_t *slot_vas; // by the stencil set's index of externs; 0: none
        uint64_t *row_vas;
        size_t row_count, row_room;
    } veneers;
    struct stencil_info *infos;
    uint64_t *extern_vas; // by the stencil set's index, once known

    struct place *places;
    size_t place_count, place_room;
    struct window *windows; // by address
    size_t window_count, window_room;
    // Those made when all others were; see relay.c.
    struct window_list {
        struct window *items; // by address
        size_t count, room;
    } late[LATE_LISTS];
    struct moved *moved;
    size_t moved_count, moved_room;
    struct redirect *redirects;
    size_t redirect_count, redirect_room;
    struct spare *spares;
    size_t spare_count, spare_room;
    struct map spare_at; // by origin_va: index + 1
    // What spares were before something was taken of them, for taking back.
    struct spare_change {
        size_t index;
        uint64_t va, end_va;
    } *spare_changes;
    size_t spare_change_count, spare_change_room;
    struct stock stock;
    struct exit *exits;
    size_t exit_count, exit_room;
    struct deferred *deferred;
    size_t deferred_count, deferred_room;
    struct image_reloc *relocs; // what is the loader's to fill
    size_t reloc_count, reloc_room;
    uint32_t *locks; // offsets in text
    size_t lock_count, lock_room;
    // Copies of stencils whose constants are still to be written.
    struct pool {
        const struct stencil *stencil;
        const uint64_t *holes;
        uint32_t text_off;
    } *pools;
    // Those before pool_first are written. They stay until the trampoline is
    // done, since what wrote them may be taken back.
    size_t pool_first, pool_count, pool_room;
    struct stackless *stackless;
    size_t stackless_count, stackless_room;
    struct plan_timer *timers;
    size_t timer_count, timer_room;
    struct image_patch *patches;
    size_t patch_count, patch_room;
    struct image_symbol *symbols;
    size_t symbol_count, symbol_room;
    struct image_frame *frames;
    size_t frame_count, frame_room;
    struct image_frame_row *rows; // of all frames, one after the other
    size_t row_count, row_room;
    uint32_t frame_from; // in text: where the current frame began
    size_t frame_first;  // its first row
    uint64_t frame_like_va;

    // The function being worked on.
    const struct function *function; // NULL: code outside of any
    uint64_t lo_va, hi_va;           // windows stay in between
    bool rigid;                      // every instruction of it may be a target
    bool ends_whole;    // others may be joined behind: hi_va ends a function
    struct place *here; // its places, by address
    size_t here_count;
    struct window *local; // its windows, by address
    size_t local_count, local_room;
    struct window *saved; // by window_save()
    size_t saved_room;
    // The unwind state of the text's end, for frames.c.
    uint64_t like_va;
    int32_t bias;
    uint32_t called_len; // of the stencils that are called
    uint32_t link_at;    // see struct image_frame_row
    // The window being written: whether a call leads to it, and whether the
    // return address is in the scratch register, which then is `held`.
    bool by_call, holds_return;
    uint64_t end_va, back_va; // of that window
    regset held;

    const struct shot **picked; // shots of a class at a place
    size_t picked_count, picked_room;
    uint8_t names[RENAME_COUNT]; // what stands for each register of a stencil
    // What was asked of registers at an address last, and found to be live.
    uint64_t live_va;
    regset live_asked, live_found;
    uint64_t *barred; // instructions found not to be movable
    size_t barred_count, barred_room;
    uint64_t failed_va;
    struct insn cache[PLAN_CACHE];
};

// bare.c

// Whether a jump of this reach leads from va to all of the added code.
bool bare_reaches(const struct plan *plan, uint64_t va, uint64_t reach);
// Without an operating system: a place at the program's first instruction.
void bare_add_place(struct plan *plan);
void bare_find_stackless(struct plan *plan);
// There the trampoline leads to the runtime's entry first.
void bare_emit_start(struct plan *plan);
// False: it cannot be reached, reported.
bool bare_check_start(struct plan *plan);

// place.c

// Gathers the shots at their places.
void place_all(struct plan *plan);
// Why nothing may run at a place; NULL: something may.
const char *place_forbids(const struct plan *plan, const struct place *place);
const struct place *place_at(const struct plan *plan, uint64_t va);

// Where the text ends, and what is listed for it, so that a window or a
// function can be taken back.
struct mark {
    size_t text, moved, locks, deferred, relocs, rows, symbols, frames, pools;
    size_t pool_first, veneer_rows;
    uint64_t like_va;
    int32_t bias;
};

// plan.c

// What was made before the piece that is worked on.
struct before {
    struct mark mark;
    size_t windows, redirects, spares, exits;
};
struct before plan_begin_piece(const struct plan *plan);
void plan_take_back(struct plan *plan, const struct before *before);
// Works on the piece with `va` from now on, which has no places yet.
void plan_enter_piece(struct plan *plan, uint64_t va);
// Whether a function may be worked on together with the piece at hand: it lies
// between the addresses, and is of the same mode.
bool plan_may_join(const struct plan *plan, const struct function *function,
                   uint64_t va, uint64_t end_va);
// Plans the places of the piece. Some may stay unreached.
void plan_places(struct plan *plan);
// Writes the trampolines of windows that have none yet. False: instructions
// that cannot be moved, one of each window, are barred.
bool plan_emit(struct plan *plan);
// Plans and writes the trampolines of all functions, or sets wanted_text.
void plan_functions(struct plan *plan);
// Tries the tactics that need nothing else to be changed.
bool plan_cover(struct plan *plan, uint64_t va, bool displace);

// window.c

enum grow {
    GROW_PLAIN = 0,
    GROW_CALL = 1,    // a call may be the last instruction
    GROW_SYSCALL = 2, // system calls may be moved
    GROW_TARGETS = 4  // over targets of direct branches, to be redirected
};

// A window in the making.
struct stretch {
    uint64_t va, end_va;
    uint8_t flags; // WINDOW_OPEN, WINDOW_ENDS_CALL, WINDOW_TAIL
};

bool window_decode(struct plan *plan, uint64_t va, struct insn *insn);
// An instruction turned out not to be movable. Unbarred: none is known to.
void window_bar(struct plan *plan, uint64_t va);
void window_unbar(struct plan *plan);
bool window_is_target(const struct plan *plan, uint64_t va);
// Nothing gets to va from what is before it, padding apart, which begins at
// *padding_va.
bool window_is_closed_before(struct plan *plan, uint64_t va,
                             uint64_t *padding_va);
bool stretch_begin(struct plan *plan, struct stretch *stretch, uint64_t va,
                   unsigned grow);
void stretch_from(struct stretch *stretch, const struct window *window);
// One more instruction, or a neighbouring window whole.
bool stretch_forward(struct plan *plan, struct stretch *stretch, unsigned grow);
bool stretch_backward(struct plan *plan, struct stretch *stretch,
                      unsigned grow);
// Whether a call in place of the stretch's last one keeps return addresses as
// they were, by the means trampoline.c has.
bool stretch_takes_call(struct plan *plan, const struct stretch *stretch);
// The window of the current function that covers va, or at whose end shots of
// the instruction at va run; NULL: none.
struct window *window_at(struct plan *plan, uint64_t va);
// The last one that starts at or before va.
struct window *window_before(struct plan *plan, uint64_t va);
// Makes a stretch a window; those it overlaps become part of it.
struct window *window_commit(struct plan *plan, const struct stretch *stretch,
                             enum tactic tactic);
// The windows of the current function, to try something and go back. One at a
// time: the next one saved takes the memory of the last.
struct windows {
    struct window *items;
    size_t count;
};
struct windows window_save(struct plan *plan);
void window_restore(struct plan *plan, const struct windows *saved);
// The address of the place at or behind `va` in any window of the image, for
// a branch at `from_va`; 0: not in a trampoline.
uint64_t window_label(const struct plan *plan, uint64_t from_va,
                      uint64_t target, enum arrival arrival);
// Whether that branch must go there, and not to the jump at `target`.
bool window_must_send(const struct plan *plan, uint64_t from_va,
                      uint64_t target, enum arrival arrival);
// Whether it may go to `target` as such, now and later, if it is never sent.
bool window_lets_pass(struct plan *plan, uint64_t from_va, uint64_t target,
                      enum arrival arrival);
const struct window *window_find(const struct plan *plan, uint64_t va);
// The piece has the windows that were made in it, and they stay as they are.
void window_load_settled(struct plan *plan);
// Makes the piece's new windows some of the image.
void window_keep_late(struct plan *plan, enum late_list list);
// All windows become one list.
void window_merge_late(struct plan *plan);

// relay.c

// Reaches sites for which there was no room since what is added is far.
void relay_places(struct plan *plan);
// Begins a trampoline to which a relay leads that spilled a register.
void relay_arrive(struct plan *plan);
// Jumps to the relay at plan->back_va, which has that register again.
void relay_leave(struct plan *plan);
// The code of both.
void relay_patch(struct plan *plan, const struct window *window);
// Jumps to where the displaced branch at `from_va` led, by a relay near there.
// False: it cannot be.
bool relay_exit(struct plan *plan, uint64_t from_va, uint64_t target,
                enum arrival arrival);
// Whether a branch is displaced and gets to its target by such a relay.
bool relay_holds(const struct plan *plan, uint64_t from_va);
// The code of those relays.
void relay_patch_exits(struct plan *plan);

// ways.c

// Chooses the machine's ways to jump. False: none reaches; reported.
bool ways_choose(struct plan *plan);
// The same for the piece that begins at lo_va.
void ways_enter_piece(struct plan *plan);
// What is written from now on is code of this mode.
void ways_enter_mode(struct plan *plan, unsigned mode);
// How to get from an address to another where all that is live behind the jump
// must be as it was; NULL: not at all. `most`: bytes.
const struct reach *way_between(struct plan *plan, uint64_t from_va,
                                uint64_t to_va, uint64_t live_va,
                                unsigned most);
// Sets wanted_text, where there is too little room. False: more of it would be
// out of reach of any jump.
bool ways_want_room(struct plan *plan);
// Whether a jump of this kind leads from an address to another.
bool way_spans(const struct reach *reach, uint64_t from_va, uint64_t to_va);
// Whether all text of the piece at hand will be near some other text.
bool way_nears_text(const struct plan *plan, const struct window *window);
// Whether a stretch may be a window, as far as jumping into its trampoline and
// back goes; it may grow for that.
bool way_is_open(struct plan *plan, struct stretch *stretch);
// Whether the piece is as near to its trampolines as was expected. False: it
// shall be entered again, with more expected.
bool ways_kept(struct plan *plan);
// An address in what is added that is as far away as any will be for now.
uint64_t way_farthest(const struct plan *plan);
// The jump of plan->jump's length for a window at `va`; NULL: none.
const struct reach *way_into(struct plan *plan, uint64_t va);
// The far one, for who comes from va; NULL: none.
const struct reach *way_far(struct plan *plan, uint64_t va);
// Whether a register may wait on the stack while control is on its way between
// an address, or a stretch, and a trampoline.
bool way_may_spill_at(const struct plan *plan, uint64_t va);
bool way_may_spill(const struct plan *plan, const struct stretch *stretch);
// From now on, until the next piece is entered, windows have near jumps, which
// lead to far ones.
void ways_by_relay(struct plan *plan);
// From now on windows have far jumps.
void ways_far(struct plan *plan);

// space.c

// Takes bytes [va, va + len) of padding that starts at va; false: not free.
bool space_take_padding(struct plan *plan, uint64_t va, uint64_t len);
// Padding behind a function as far as it is free; NULL: none.
struct spare *space_padding(struct plan *plan, uint64_t va);
// What is left of spare bytes from now on, until they are given back.
void space_take(struct plan *plan, struct spare *spare, uint64_t va,
                uint64_t end_va);
// Where the instructions begin that a stretch's jump leaves whole.
uint64_t space_left_over(struct plan *plan, const struct stretch *stretch);
// Gives back what was taken since spare_change_count was `count`.
void space_return(struct plan *plan, size_t count);
// Finds and takes room for a jump that a short jump at `va` reaches, by
// making a new window if need be; 0: none.
uint64_t space_take_island(struct plan *plan, uint64_t va);

// retarget.c

// Lets branches to `target` go to its label. False: some cannot.
bool retarget_branches(struct plan *plan, uint64_t target,
                       const struct function *only_from);
// Tries to reach a place by sending branches elsewhere.
bool retarget_place(struct plan *plan, const struct place *place);
// Loops back to a probed entry do not fire it again.
void retarget_loops(struct plan *plan);
// Calls of a function go to its trampoline, past the jump in place.
void retarget_calls(struct plan *plan);
// Settles displaced branches and branches patched in place.
// Whether a displaced branch reaches where it must go, as far as is known.
bool retarget_reaches(struct plan *plan, const struct moved *moved);
void retarget_finish(struct plan *plan);

// trampoline.c

struct mark trampoline_mark(const struct plan *plan);
void trampoline_return(struct plan *plan, const struct mark *mark);
// False: the instruction at plan->failed_va cannot be moved.
bool trampoline_emit(struct plan *plan, struct window *window);
// Moves one instruction to the end of the text.
bool trampoline_move(struct plan *plan, const struct insn *insn);
// A function that runs the shots of BEGIN or END.
// The code of a probe that belongs to none, as a function. `like` may be a
// site of another image.
void trampoline_function(struct plan *plan, const struct site *like,
                         struct str name);

// search.c

// A search table over unwind information that has none.
uint64_t search_len(const struct plan *plan);
void search_write(const struct plan *plan, uint64_t va, struct bytes *out);

// stackless.c

void stackless_find(struct plan *plan);
// Whether a place's shots need a stack where there may be none.
bool stackless_forbids(const struct plan *plan, const struct place *place);

// timers.c

void timers_find(struct plan *plan);
uint64_t timers_len(const struct plan *plan); // of their table
void timers_add_code(struct plan *plan);
// The table, to be placed at `va`.
void timers_write(const struct plan *plan, uint64_t va, struct bytes *out);

// select.c

// At a system call whose number is known at run time only: chooses among the
// picked shots; with returns among them it moves the system call as well.
bool select_emit(struct plan *plan, const struct place *place,
                 const struct insn *insn);

// fill.c

enum shot_class {
    SHOT_LEADING,  // before the place's label `body`
    SHOT_BEFORE,   // before the instruction
    SHOT_TAKEN,    // when the conditional jump is taken
    SHOT_AFTER,    // behind the instruction
    SHOT_SELECTED, // by number, before
    SHOT_SELECTED_AFTER
};

void fill_prepare(struct plan *plan);
// Sets plan->picked to the shots of a class; false: none.
bool fill_pick(struct plan *plan, const struct place *place,
               enum shot_class class);
bool fill_has(const struct plan *plan, const struct place *place,
              enum shot_class class);
// Writes picked shots [first, first + count) one after the other, saving what
// they clobber if it is in `live`, or live at live_va (0: nowhere). `red_va`:
// where the red zone is asked for; 0: there is none.
void fill_group(struct plan *plan, size_t first, size_t count, uint64_t live_va,
                regset live, uint64_t red_va);
// Fills the fields of a copy of code at text offset `off`.
void fill_points(struct plan *plan, uint32_t off,
                 const struct patch_point *points, size_t count,
                 const uint64_t *holes, uint64_t next_va);
void fill_deferred(struct plan *plan);
// Stores one field; reports what does not fit.
void fill_store(struct plan *plan, uint8_t *field, uint64_t field_va,
                const struct patch_point *point, uint64_t target);
uint64_t fill_target(struct plan *plan, const struct patch_point *point,
                     const uint64_t *holes, uint64_t next_va);

// Writes a copy of a stencil; `holes`: NULL, of one that is called.
void fill_copy(struct plan *plan, const struct stencil *stencil,
               const uint64_t *holes);

// veneers.c

// Behind all that is called from everywhere, and ahead of all else.
void veneers_begin(struct plan *plan);
// Where a jump or call at an address is to go so as to get to another.
uint64_t veneers_way(const struct plan *plan, uint64_t from_va, uint64_t va);
// The same for a point's field.
uint64_t veneers_target(const struct plan *plan,
                        const struct patch_point *point, uint64_t field_va,
                        uint64_t target);
// Whether there must be a row of veneers before more code is written.
bool veneers_are_due(const struct plan *plan);
// Writes it if so, where control does not come by and no frame is begun.
void veneers_keep_up(struct plan *plan);
// When all that was waited for has its address.
void veneers_finish(struct plan *plan);

// called.c

// Writes the stencils that are called, for the shots to call.
void called_write(struct plan *plan);
// What a shot changes by being called rather than copied.
regset called_clobbers(const struct plan *plan, const struct stencil *stencil);
// Whether a stencil, as it is had at sites, uses the stack.
bool stencil_uses_stack(const struct plan *plan, const struct stencil *stencil);
// Hands over, and calls. `saves`: what was saved, above sp.
void called_emit(struct plan *plan, const struct shot *shot, regset saves);

// pools.c

#define POOL_ALIGN 4

void pools_add(struct plan *plan, const struct pool *pool);
// Where control does not come by.
void pools_write(struct plan *plan);
// Before, or behind (NULL), a copy of a stencil.
void pools_make_room(struct plan *plan, const struct stencil *next);

// rename.c

// Registers that a stencil clobbers and could do without.
regset rename_possible(const struct plan *plan, const struct stencil *stencil,
                       uint32_t len);
// Sets plan->names for a run of picked shots: what is live at live_va (0:
// nothing is) or in `live` is spared where something else is free.
void rename_choose(struct plan *plan, size_t first, size_t count,
                   uint64_t live_va, regset live);
// program_live_among(), which is asked once about each register.
regset rename_live(struct plan *plan, uint64_t va, regset wanted);
regset rename_set(const struct plan *plan, regset set);
// Renames the copy of a stencil at text offset `off`.
void rename_code(struct plan *plan, const struct stencil *stencil,
                 uint32_t off);

// frames.c

// The unwind rows of a stencil's code.
void frames_stencil(struct plan *plan, const struct stencil *stencil,
                    struct stencil_info *info);
void frames_copy(struct plan *plan, const struct stencil_info *info,
                 uint32_t off);
void frames_begin(struct plan *plan, uint64_t like_va);
// What follows is code of the current mode, or data.
void frames_mark_code(struct plan *plan);
void frames_mark_data(struct plan *plan);
void frames_like(struct plan *plan, uint64_t like_va);
void frames_bias(struct plan *plan, int32_t bias);
// From here on the link register lies at an offset from sp.
void frames_link(struct plan *plan, int32_t from_sp);
// Bias changes within text written since `from`, found by decoding it.
void frames_scan(struct plan *plan, uint32_t from, int32_t bias);
// Ends what frames_begin() began, under a name of its own.
void frames_end(struct plan *plan, struct str name);
void frames_finish(struct plan *plan);

// patch.c

void patch_windows(struct plan *plan);
// Appends a jump to `out`; reports one that does not reach.
void patch_jump(struct plan *plan, struct bytes *out, uint64_t from,
                uint64_t to, const struct reach *reach);
void patch_add(struct plan *plan, uint64_t va, const void *bytes, size_t len);
void patch_semaphores(struct plan *plan);
void patch_sort(struct plan *plan);
// The bytes that now stand at va; after patch_sort().
struct slice patch_at(const struct plan *plan, uint64_t va);

// report.c

// Says of every site what became of it.
void report_sites(struct plan *plan);

// Where code written now will run.
static inline uint64_t plan_text_end(const struct plan *plan) {
    return plan->text_va + plan->text.n;
}

#endif
