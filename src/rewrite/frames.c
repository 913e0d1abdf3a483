// frames.c: what debuggers, profilers and unwinders know of added code.
//
// The trampolines of a function are one symbol and one unwind entry. A row
// says from which offset on the call frame information of another original
// address holds, and by how many bytes sp is lower than that expects:
//
//     trampoline           row
//     push %r11            like f+0, 0     f+0: the displaced instruction's
//     (stencil)            like f+0, 8
//     pop %r11             like f+0, 8
//     push %rbp            like f+0, 0
//     jmp f+5              like f+1, 0     pushes of displaced code are f's
//
// Where the bias changes in what the rewriter writes is found by decoding it.

#include "rewrite/plan.h"

#include <assert.h>

static bool decode_text(const struct plan *plan, struct slice code,
                        uint32_t off, struct insn *insn) {
    struct code at = {.bytes = {code.p + off, code.n - off},
                      .va = plan->text_va + off,
                      .mode = plan->arch->mode};
    return plan->arch->decode(&at, insn);
}

// A bias known for code behind a jump, from a branch there.
struct ahead {
    uint32_t off;
    int32_t lowered;
};

// Calls found(state, off, lowered) where sp changes in straight code; forward
// branches carry the bias to where they go.
static void scan(const struct plan *plan, struct slice code, int32_t lowered,
                 void (*found)(void *state, uint32_t off, int32_t lowered),
                 void *state) {
    struct ahead ahead[32];
    unsigned count = 0;
    struct insn insn;
    for (uint32_t off = 0; off < code.n; off += insn.len) {
        for (unsigned i = 0; i < count;) {
            if (ahead[i].off == off && ahead[i].lowered != lowered) {
                lowered = ahead[i].lowered;
                found(state, off, lowered);
            }
            if (ahead[i].off <= off)
                ahead[i] = ahead[--count]; // lies behind
            else
                i++;
        }
        if (!decode_text(plan, code, off, &insn) || insn.len == 0)
            return;
        uint64_t to = insn.target - plan->text_va;
        if ((insn.kind == INSN_JUMP || insn.kind == INSN_JUMP_COND) &&
            to > off && to < code.n && count < COUNT_OF(ahead))
            ahead[count++] = (struct ahead){(uint32_t)to, lowered};
        if (insn.sp_delta != 0 && off + insn.len < code.n) {
            lowered -= insn.sp_delta;
            found(state, off + insn.len, lowered);
        }
    }
}

// What the generator's reader found on every way through it, as far as it is
// copied.
void frames_stencil(struct plan *plan, const struct stencil *stencil,
                    struct stencil_info *info) {
    struct sp_row *rows =
        ARENA_ARRAY(plan->arena, struct sp_row, stencil->stack_row_count);
    info->rows = rows;
    for (size_t i = 0; i < stencil->stack_row_count; i++) {
        const struct stack_row *from = &stencil->stack_rows[i];
        if (from->off < info->len)
            rows[info->row_count++] =
                (struct sp_row){from->off, (int32_t)from->below};
    }
}

void frames_begin(struct plan *plan, uint64_t like_va) {
    plan->frame_from = (uint32_t)plan->text.n;
    plan->frame_first = plan->row_count;
    plan->frame_like_va = plan->like_va = like_va;
    plan->bias = 0;
    frames_mark_code(plan);
}

// On machines of several encodings, and data among code, disassemblers and
// debuggers are told what is what.
static void mark(struct plan *plan, const char *name) {
    *ARENA_PUSH(plan->arena, plan->symbols, plan->symbol_count,
                plan->symbol_room) =
        (struct image_symbol){.name = str_from(name),
                              .va = plan->text_va + plan->text.n,
                              .is_mark = true};
}

void frames_mark_code(struct plan *plan) {
    if (plan->arch->mode_marks)
        mark(plan, plan->arch->mode_marks[plan->arch->mode]);
}

void frames_mark_data(struct plan *plan) {
    if (plan->arch->data_mark)
        mark(plan, plan->arch->data_mark);
}

static void add_row(struct plan *plan, uint32_t text_off, int32_t bias,
                    uint64_t like_va) {
    uint32_t off = text_off - plan->frame_from;
    struct image_frame_row *last = plan->row_count > plan->frame_first
                                       ? &plan->rows[plan->row_count - 1]
                                       : NULL;
    if (last != NULL && last->offset == off) {
        last->sp_bias = bias;
        last->link_at = plan->link_at;
        if (like_va != 0)
            last->like_va = like_va;
        return;
    }
    *ARENA_PUSH(plan->arena, plan->rows, plan->row_count, plan->row_room) =
        (struct image_frame_row){off, bias, like_va, plan->link_at};
}

void frames_like(struct plan *plan, uint64_t like_va) {
    if (plan->like_va == like_va)
        return;
    plan->like_va = like_va;
    add_row(plan, (uint32_t)plan->text.n, plan->bias, like_va);
}

void frames_bias(struct plan *plan, int32_t bias) {
    if (plan->bias == bias)
        return;
    plan->bias = bias;
    add_row(plan, (uint32_t)plan->text.n, bias, 0);
}

void frames_link(struct plan *plan, int32_t from_sp) {
    plan->link_at = (uint32_t)(from_sp + 1);
    add_row(plan, (uint32_t)plan->text.n, plan->bias, 0);
}

struct written {
    struct plan *plan;
    uint32_t from;
};

static void written_row(void *state, uint32_t off, int32_t lowered) {
    struct written *written = state;
    written->plan->bias = lowered;
    add_row(written->plan, written->from + off, lowered, 0);
}

void frames_scan(struct plan *plan, uint32_t from, int32_t bias) {
    struct written written = {plan, from};
    struct slice code = {plan->text.p + from, plan->text.n - from};
    scan(plan, code, plan->bias, written_row, &written);
    frames_bias(plan, bias);
}

void frames_copy(struct plan *plan, const struct stencil_info *info,
                 uint32_t off) {
    int32_t bias = plan->bias;
    for (uint32_t i = 0; i < info->row_count; i++)
        add_row(plan, off + info->rows[i].off, bias + info->rows[i].lowered, 0);
    // A last jump that is dropped comes after whatever was pushed is popped.
    if (info->row_count > 0 && info->rows[info->row_count - 1].lowered != 0)
        add_row(plan, off + info->len, bias, 0);
}

void frames_end(struct plan *plan, struct str name) {
    uint64_t va = plan->text_va + plan->frame_from;
    uint64_t len = plan->text.n - plan->frame_from;
    if (len == 0)
        return;
    *ARENA_PUSH(plan->arena, plan->symbols, plan->symbol_count,
                plan->symbol_room) =
        (struct image_symbol){name, va, len, plan->arch->mode, false};
    *ARENA_PUSH(plan->arena, plan->frames, plan->frame_count,
                plan->frame_room) = (struct image_frame){
        .va = va,
        .len = len,
        .like_va = plan->frame_like_va,
        .row_count = plan->row_count - plan->frame_first,
    };
}

void frames_finish(struct plan *plan) {
    size_t row = 0;
    for (size_t i = 0; i < plan->frame_count; i++) {
        size_t count = plan->frames[i].row_count;
        plan->frames[i].rows = count ? &plan->rows[row] : NULL;
        row += count;
    }
    assert(row == plan->row_count);
}
