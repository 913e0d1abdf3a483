// fold_site.c: what is known at a site.
//
// Arguments become registers or words of the stack by the ABI; the caller, the
// registers, errno and what a walk of the stack begins with become what holds
// them there.

#include "ir/fold_inside.h"
#include "mctrace/runtime.h"

// arg1 to arg5.
#define MCT_ERROR_ARGS 5

struct ir_expr *fold_known_int(struct fold *fold, const struct ir_expr *like,
                               uint64_t value, bool of_site) {
    struct ir_expr *expr = ir_const(fold->arena, like->type, value, like->span);
    expr->of_site = of_site;
    return expr;
}

struct ir_expr *fold_known_text(struct fold *fold, const struct ir_expr *like,
                                struct str text) {
    struct ir_expr *expr =
        ir_expr_new(fold->arena, IR_TEXT, like->type, like->span);
    expr->text = text;
    expr->of_site = true;
    return expr;
}

uint32_t fold_add_hole(struct fold *fold, enum ir_hole_kind kind,
                       uint64_t value) {
    *ARENA_PUSH(fold->arena, fold->hole_kinds, fold->kind_count,
                fold->kind_room) = (uint8_t)kind;
    *ARENA_PUSH(fold->arena, fold->holes, fold->hole_count, fold->hole_room) =
        value;
    return (uint32_t)fold->hole_count - 1;
}

// What survives folding and is of this site alone is fetched from a hole.
struct ir_expr *fold_settle(struct fold *fold, struct ir_expr *expr) {
    if (!is_known(expr) || !expr->of_site)
        return expr;
    uint64_t value = expr->op == IR_TEXT
                         ? layout_text(fold->folder->layout, expr->text)
                         : expr->value;
    struct ir_expr *hole =
        ir_expr_new(fold->arena, IR_HOLE, expr->type, expr->span);
    hole->value = fold_add_hole(fold, HOLE_VALUE, value);
    return hole;
}

// --- what the site knows ---

// On machines of 32 bits the sign of a word counts if the value has one.
static struct ir_type word_type(const struct fold *fold,
                                const struct ir_expr *like) {
    return fold->arch->bits == 32 && like->type.is_signed ? IR_TYPE_INT
                                                          : IR_TYPE_U64;
}

static struct ir_expr *machine_reg(struct fold *fold,
                                   const struct ir_expr *like, uint8_t reg) {
    if (reg == REG_NONE)
        return fold_known_int(fold, like, 0, false);
    struct ir_expr *expr =
        ir_expr_new(fold->arena, IR_REG, word_type(fold, like), like->span);
    expr->value = reg;
    return ir_cast(fold->arena, expr, like->type);
}

static struct ir_expr *memory_word(struct fold *fold,
                                   const struct ir_expr *like, uint8_t base,
                                   int64_t off) {
    struct ir_expr *expr =
        ir_expr_new(fold->arena, IR_WORD, word_type(fold, like), like->span);
    expr->reg = base;
    expr->value = (uint64_t)off;
    return ir_cast(fold->arena, expr, like->type);
}

static struct ir_expr *register_arg(struct fold *fold,
                                    const struct ir_expr *expr,
                                    const uint8_t *regs, size_t count) {
    uint8_t reg = expr->value < count ? regs[expr->value] : REG_NONE;
    return machine_reg(fold, expr, reg);
}

// Arguments by the ABI: in registers, then on the stack.
static struct ir_expr *entry_arg(struct fold *fold,
                                 const struct ir_expr *expr) {
    const struct abi *abi = &fold->arch->abi;
    size_t in_regs = 0;
    while (in_regs < COUNT_OF(abi->args) && abi->args[in_regs] != REG_NONE)
        in_regs++;
    if (expr->value < in_regs)
        return machine_reg(fold, expr, abi->args[expr->value]);
    int64_t nth = (int64_t)(expr->value - in_regs);
    return memory_word(fold, expr, abi->sp,
                       abi->first_stack_arg + nth * abi->stack_arg_step);
}

// What whoever fires the probe leaves for it; arg0 is 0.
static struct ir_expr *told_arg(struct fold *fold, const struct ir_expr *expr,
                                uint64_t last) {
    if (expr->value == 0 || expr->value > last)
        return fold_known_int(fold, expr, 0, false);
    struct ir_expr *arg =
        ir_expr_new(fold->arena, IR_TOLD_ARG, expr->type, expr->span);
    arg->value = expr->value;
    return arg;
}

// A clause may be folded more than once.
static void note_unread(struct fold *fold, uint64_t number) {
    struct folder *folder = fold->folder;
    struct str text = marker_unread(fold->site, number);
    for (size_t i = 0; text.n && i < folder->unread_count; i++)
        if (folder->unread[i].site == fold->site &&
            folder->unread[i].number == number)
            return;
    if (text.n)
        *ARENA_PUSH(folder->arena, folder->unread, folder->unread_count,
                    folder->unread_room) =
            (struct unread_operand){fold->site, number, text};
}

struct ir_expr *fold_arg(struct fold *fold, const struct ir_expr *expr) {
    const struct abi *abi = &fold->arch->abi;
    if (fold->site->event)
        return fold_expr(fold,
                         event_arg(fold->arena, fold->site, fold->arch, expr));
    switch ((enum site_kind)fold->site->kind) {
    case SITE_ENTRY: return entry_arg(fold, expr);
    case SITE_OFFSET:
        return register_arg(fold, expr, abi->args, COUNT_OF(abi->args));
    case SITE_RETURN:
        if (expr->value == 0)
            return fold_known_int(fold, expr, fold->site->offset, true);
        return register_arg(fold, expr,
                            (const uint8_t[]){REG_NONE, abi->result}, 2);
    case SITE_SYSCALL_ENTRY:
        return register_arg(fold, expr, abi->syscall_args,
                            COUNT_OF(abi->syscall_args));
    case SITE_SYSCALL_RETURN:
        return register_arg(
            fold, expr,
            (const uint8_t[]){abi->syscall_result, abi->syscall_result}, 2);
    case SITE_ERROR: return told_arg(fold, expr, MCT_ERROR_ARGS);
    case SITE_TICK:
    case SITE_PROFILE: return told_arg(fold, expr, 1);
    case SITE_USDT:
        note_unread(fold, expr->value);
        return fold_expr(fold, marker_arg(fold->arena, fold->site, expr));
    case SITE_BEGIN:
    case SITE_END:
    case SITE_EXECUTED: break;
    }
    return fold_known_int(fold, expr, 0, false);
}

// Whether the return address is in the link register.
static bool is_in_link(const struct site *site,
                       const struct frame_state *frame) {
    return site->kind == SITE_ENTRY ||
           (site->kind == SITE_RETURN && site->exit == EXIT_RETURN) ||
           (frame->known && frame->return_reg != REG_NONE);
}

struct ir_expr *fold_caller(struct fold *fold, const struct ir_expr *expr) {
    const struct site *site = fold->site;
    if (!site->program)
        return fold_known_int(fold, expr, 0, false);
    struct frame_state frame = image_frame_at(site->program->image, site->va);
    const struct abi *abi = &fold->arch->abi;
    struct ir_expr *caller;
    if (abi->link != REG_NONE && is_in_link(site, &frame))
        caller = machine_reg(fold, expr, abi->link);
    else if (frame.known)
        caller = memory_word(fold, expr, frame.base,
                             (int64_t)frame.off + frame.return_off);
    // A function without unwind information: only its entry is certain.
    else if (site->kind == SITE_ENTRY)
        caller = memory_word(fold, expr, abi->sp, abi->return_off);
    else
        return fold_known_int(fold, expr, 0, false);
    if (abi->code_mask == 0)
        return caller;
    struct ir_expr *mask =
        ir_const(fold->arena, expr->type, abi->code_mask, expr->span);
    return ir_binary(fold->arena, IR_AND, expr->type, caller, mask);
}

// At a tail call the function is not done yet.
struct ir_expr *fold_frame(struct fold *fold, const struct ir_expr *expr) {
    const struct site *site = fold->site;
    uint8_t base = fold->arch->abi.sp;
    int64_t off = 0;
    bool is_known = site->kind == SITE_ENTRY;
    if (site->kind == SITE_RETURN && site->exit <= EXIT_SHARED_END)
        is_known = program_frame_at_exit(site->program, site->function,
                                         site->va, fold->arena, &base, &off);
    if (!is_known)
        return fold_known_int(fold, expr, 0, true);
    struct ir_expr *from = machine_reg(fold, expr, base);
    if (off == 0)
        return from;
    struct ir_expr *distance =
        fold_settle(fold, fold_known_int(fold, expr, (uint64_t)off, true));
    return ir_binary(fold->arena, IR_ADD, expr->type, from, distance);
}

struct ir_expr *fold_ureg(struct fold *fold, const struct ir_expr *expr) {
    if (expr->value >= fold->arch->ureg_count) {
        struct ir_expr *reg =
            ir_expr_new(fold->arena, IR_FLOAT_REG, expr->type, expr->span);
        reg->value = expr->value - fold->arch->ureg_count;
        return reg;
    }
    const struct ureg *row = &fold->arch->uregs[expr->value];
    if (!fold->site->program || row->reg == REG_NONE)
        return fold_known_int(fold, expr, fold->site->program ? row->value : 0,
                              true);
    return machine_reg(fold, expr, row->reg);
}

// The address that a stack begins with: a system call's is behind it, as the
// kernel has it.
static uint64_t stack_va(const struct site *site) {
    bool is_call =
        site->kind == SITE_SYSCALL_ENTRY || site->kind == SITE_SYSCALL_RETURN;
    struct insn insn;
    if (is_call && program_decode(site->program, site->va, &insn))
        return site->va + insn.len;
    return site->va;
}

// Where the return address lies from the stack pointer on, or MCT_NO_RA,
// MCT_RA_LINK.
static uint64_t return_off(const struct fold *fold) {
    const struct site *site = fold->site;
    const struct abi *abi = &fold->arch->abi;
    if (!site->program)
        return MCT_NO_RA;
    struct frame_state frame = image_frame_at(site->program->image, site->va);
    if (abi->link != REG_NONE && is_in_link(site, &frame))
        return MCT_RA_LINK;
    if (site->kind == SITE_ENTRY ||
        (site->kind == SITE_RETURN &&
         (site->exit == EXIT_RETURN || site->exit == EXIT_RETURN_COND)))
        return (uint64_t)abi->return_off;
    if (!frame.known || frame.base != abi->sp)
        return MCT_NO_RA;
    return (uint64_t)((int64_t)frame.off + frame.return_off);
}

struct ir_expr *fold_stack(struct fold *fold, struct ir_expr *expr) {
    const struct site *site = fold->site;
    const struct abi *abi = &fold->arch->abi;
    const struct ir_expr like = {.type = IR_TYPE_U64, .span = expr->span};
    regset kept = abi->unwound;
    if (kept == 0)
        kept = abi->general & ~abi->caller_saved & ~REG_BIT(abi->sp);
    struct ir_expr **args = ARENA_ARRAY(fold->arena, struct ir_expr *, 67);
    uint32_t count = 0;
    args[count++] = fold_settle(
        fold,
        fold_known_int(fold, &like, site->program ? stack_va(site) : 0, true));
    args[count++] = machine_reg(fold, &like, abi->sp);
    for (uint8_t reg = 0; kept >> reg != 0; reg++)
        if (kept >> reg & 1)
            args[count++] = machine_reg(fold, &like, reg);
    args[count++] = ir_const(fold->arena, IR_TYPE_U64, expr->value, expr->span);
    args[count++] =
        fold_settle(fold, fold_known_int(fold, &like, return_off(fold), true));
    expr->args = args;
    expr->arg_count = count;
    return expr;
}

// Built-ins that look at the stack.
struct ir_expr *fold_stack_call(struct fold *fold, struct ir_expr *expr) {
    struct ir_expr *stack =
        ir_expr_new(fold->arena, IR_STACK, IR_TYPE_U64, expr->span);
    expr->args = ARENA_NEW(fold->arena, struct ir_expr *);
    expr->args[0] = fold_stack(fold, stack);
    expr->arg_count = 1;
    return expr;
}

// Linux gives -4095 .. -1 for failure: errno is the negated result then.
struct ir_expr *fold_errno(struct fold *fold, const struct ir_expr *expr) {
    if (fold->site->kind != SITE_SYSCALL_RETURN)
        return fold_known_int(fold, expr, 0, false);
    struct ir_expr like = {.type = IR_TYPE_I64, .span = expr->span};
    struct ir_expr *result =
        machine_reg(fold, &like, fold->arch->abi.syscall_result);
    struct ir_expr *as_unsigned = ir_cast(fold->arena, result, IR_TYPE_U64);
    struct ir_expr *limit =
        ir_const(fold->arena, IR_TYPE_U64, (uint64_t)-4096, expr->span);
    struct ir_expr *negated =
        ir_expr_new(fold->arena, IR_NEGATE, IR_TYPE_I64, expr->span);
    negated->a = result;
    struct ir_expr *choice =
        ir_expr_new(fold->arena, IR_COND, expr->type, expr->span);
    choice->a = ir_binary(fold->arena, IR_GT, IR_TYPE_INT, as_unsigned, limit);
    choice->b = ir_cast(fold->arena, negated, expr->type);
    choice->c = fold_known_int(fold, expr, 0, false);
    return choice;
}
