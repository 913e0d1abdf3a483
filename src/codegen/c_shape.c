// c_shape.c: a shape as a C function, step by step as llvm_stmt.c has it.
//
//     inputs     arguments, where the ABI has them in registers; others are
//                register variables, outputs of an empty assembly that claims
//                to change them: what they hold at the start is what they
//                hold at the site
//     {          a block of its own: at its end no local is left that
//                mct_next could look at, so that a call of it is a jump
//         has tracing ended?      -> next, or out with a firing
//         the predicate is false  -> likewise
//         statements              a fault -> failed
//     leave:     exit() was called: mct_exit(status)
//     out:       mct_leave(firing)
//     }
//     next:      mct_next()

#include <assert.h>
#include <inttypes.h>

#include "codegen/c.h"
#include "mctrace/region.h"
#include "mctrace/runtime.h"

// --- ahead of a shape ---

#define USES_LINE 72

static void print_source(struct printing *print, struct span span) {
    struct str text =
        str_slice(span.source->text, span.off, span.off + span.len);
    for (size_t at = 0; at < text.n;) {
        size_t end = at;
        while (end < text.n && text.p[end] != '\n')
            end++;
        struct bytes quoted;
        bytes_init(&quoted, print->arena, ORDER_LITTLE);
        c_quote(&quoted, str_slice(text, at, end));
        c_line(print, "//     %.*s", (int)quoted.n, (const char *)quoted.p);
        at = end + 1;
    }
}

// By words, so that lines are not too long.
static void print_uses(struct printing *print, struct str uses) {
    struct bytes quoted;
    bytes_init(&quoted, print->arena, ORDER_LITTLE);
    c_quote(&quoted, uses);
    uses = (struct str){(const char *)quoted.p, quoted.n};
    const char *before = "At";
    while (uses.n) {
        size_t len = uses.n <= USES_LINE ? uses.n : USES_LINE;
        while (len < uses.n && len > 0 && uses.p[len] != ' ')
            len--;
        if (len == 0) // one word that is longer
            len = uses.n;
        c_line(print, "// %s %.*s", before, (int)len, uses.p);
        uses = str_slice(uses, len + 1, uses.n);
        before = "  ";
    }
}

static void print_head(struct printing *print, size_t index) {
    const struct ir_clause *clause = print->clause;
    bool has_source = clause->span.source && clause->span.len;
    c_line(print, "%s", "");
    if (!has_source) {
        c_line(print, "// Not of the script: it keeps track of the program.");
        if (print->input->uses)
            print_uses(print, print->input->uses[index]);
        return;
    }
    unsigned line, column;
    span_position(clause->span, &line, &column);
    c_line(print,
           "// Shape %zu: the clause of line %u, for sites at which it "
           "comes to this.",
           index, line);
    c_line(print, "//");
    print_source(print, clause->whole);
    if (print->input->uses) {
        c_line(print, "//");
        print_uses(print, print->input->uses[index]);
    }
}

// --- inputs ---

// gcc has room for so many operands; one that is read and written takes two.
#define OPERANDS_MOST 30

// Those that no variable can be bound to; nothing has changed them yet.
static void copy_inputs(struct printing *print, regset inputs) {
    const struct arch *arch = print->input->arch;
    for (unsigned reg = 0; reg < arch->reg_count; reg++) {
        if (!(inputs & REG_BIT(reg)))
            continue;
        const char *name = arch->regs[reg].name;
        assert(arch->cc_copy);
        c_line(print, "uintptr_t %s;", name);
        c_line(print, "__asm__ volatile(\"%.*s\" : \"=r\"(%s));",
               STR_ARGS(c_text(print, arch->cc_copy, name)), name);
    }
}

// What is made of arguments is made behind the fetching of the others: a
// compiler might use those registers before.
static void hold_arguments(struct printing *print, regset args) {
    struct bytes held;
    bytes_init(&held, print->arena, ORDER_LITTLE);
    for (unsigned reg = 0; args >> reg != 0; reg++) {
        if (!(args & REG_BIT(reg)))
            continue;
        struct str one = c_text(print, "%s\"+r\"(%s)", held.n ? ", " : "",
                                print->input->arch->regs[reg].name);
        bytes_add(&held, one.p, one.n);
    }
    if (held.n)
        c_line(print, "__asm__ volatile(\"\" : %.*s);", (int)held.n,
               (const char *)held.p);
}

// What a called shape is given, under the names by which it is wanted.
static void print_handed(struct printing *print) {
    const struct handover *handover = &print->handover;
    const struct arch *arch = print->input->arch;
    if (!handover->is_called)
        return;
    if (handover->link != REG_NONE)
        c_line(print, "uintptr_t %s = %s;", arch->regs[arch->abi.link].name,
               arch->regs[handover->link].name);
    if (handover->values != REG_NONE)
        c_line(print, "const uint%d_t *values = (const void *)%s;",
               8 * handover->value_len, arch->regs[handover->values].name);
}

static void print_inputs(struct printing *print) {
    const struct arch *arch = print->input->arch;
    struct given given;
    regset inputs = shape_inputs(print->clause, arch, &given);
    regset bound = arch->abi.general | REG_BIT(arch->abi.sp);
    struct bytes outputs, copies;
    bytes_init(&outputs, print->arena, ORDER_LITTLE);
    bytes_init(&copies, print->arena, ORDER_LITTLE);
    if (given.sp != REG_NONE)
        inputs |= REG_BIT(arch->abi.sp);
    inputs = inputs_handed(&print->handover, arch, inputs);
    regset args = 0;
    for (size_t i = 0;
         i < COUNT_OF(arch->abi.args) && arch->abi.args[i] != REG_NONE; i++)
        args |= REG_BIT(arch->abi.args[i]);
    args &= inputs;
    inputs &= ~args;
    bool is_many = 2 * __builtin_popcountll(inputs) > OPERANDS_MOST;
    for (unsigned reg = 0; reg < arch->reg_count; reg++) {
        if (!(inputs & bound & REG_BIT(reg)))
            continue;
        bool is_sp = reg == arch->abi.sp;
        const char *name = is_sp ? "sp" : arch->regs[reg].name;
        c_line(print, "register uintptr_t in_%s __asm__(\"%s\");", name,
               arch->regs[is_sp ? given.sp : reg].name);
        struct str output =
            c_text(print, "%s\"%sr\"(in_%s)", outputs.n ? ", " : "",
                   is_many ? "=" : "+", name);
        bytes_add(&outputs, output.p, output.n);
        struct str copy = c_text(print, "%s%s = in_%s",
                                 copies.n ? ", " : "uintptr_t ", name, name);
        bytes_add(&copies, copy.p, copy.n);
    }
    if (outputs.n > 0) {
        c_line(print, "__asm__ volatile(\"\" : %.*s : : \"memory\");",
               (int)outputs.n, (const char *)outputs.p);
        c_line(print, "%.*s;", (int)copies.n, (const char *)copies.p);
        hold_arguments(print, args);
    }
    copy_inputs(print, inputs & ~bound);
    if (given.lost != REG_NONE)
        c_line(print, "uintptr_t %s = %s;",
               arch->regs[__builtin_ctzll(arch->abi.lost_by_frame)].name,
               arch->regs[given.lost].name);
    print_handed(print);
}

// --- ways out ---

static void go(struct printing *print, const char *label) {
    c_line(print, "goto %s;", label);
}

// Out of the clause: with its firing, if it has one.
static void go_over(struct printing *print) {
    if (print->has_firing)
        print->uses_out = true;
    else
        print->uses_next = true;
    go(print, print->has_firing ? "out" : "next");
}

void c_leave(struct printing *print) {
    print->uses_leave = true;
    go(print, "leave");
}

static void check_process(struct printing *print) {
    c_runtime(print, "mct_is_watched", print->clause->span);
    c_open(print, "if (!mct_is_watched())");
    go_over(print);
    c_close(print);
}

static void check_end(struct printing *print) {
    c_open(print,
           "if (((struct mct_region *)mct_region)->state >= MCT_STATE_ENDING)");
    go_over(print);
    c_close(print);
}

static void check_predicate(struct printing *print) {
    struct c_value value = c_expr(print, print->clause->predicate);
    c_open(print, "if (!%.*s)", STR_ARGS(value.text));
    go_over(print);
    c_close(print);
}

// --- firings and faults ---

struct str c_thread(struct printing *print) {
    print->uses_thread = true;
    return STR("thread");
}

void c_thread_of(struct printing *print, const struct ir_variable *variable) {
    if (variable->storage == IR_SELF_VARIABLE)
        c_thread(print);
}

// A clause without a firing gets one for the purpose.
void c_tell_fault(struct printing *print) {
    const struct ir_clause *clause = print->clause;
    c_runtime(print, print->has_firing ? "mct_fault" : "mct_fault_alone",
              clause->span);
    c_line(print, "%sfault_code, fault_value, %u, %.*s, fault_place);",
           print->has_firing ? "mct_fault(firing, " : "mct_fault_alone(",
           (unsigned)clause->index, STR_ARGS(c_hole(print, clause->id_hole)));
    // The next one may be the firing's own again.
    c_line(print, "fault_code = 0;");
}

static void clear_this(struct printing *print) {
    uint64_t len = print->input->layout->this_len;
    if (!print->clause->opens || len == 0)
        return;
    if (len > 64) {
        c_runtime(print, "mct_zero", print->clause->span);
        c_line(print, "mct_zero((uint8_t *)firing + %d, %" PRIu64 ");",
               MCT_FIRING_VARS, len);
        return;
    }
    for (uint64_t off = 0; off < len; off += 8)
        c_line(print, "*(uint64_t *)((uint8_t *)firing + %" PRIu64 ") = 0;",
               MCT_FIRING_VARS + off);
}

// From here on there is a firing; where none can be had the clause is not run.
static void enter(struct printing *print) {
    c_runtime(print, "mct_enter", print->clause->span);
    c_line(print, "struct mct_firing *firing = mct_enter(%d);",
           print->clause->opens);
    c_open(print, "if (!firing)");
    go_over(print);
    c_close(print);
    print->has_firing = true;
    print->entered_at = print->out.n;
    clear_this(print);
}

static void find_thread(struct printing *print) {
    c_runtime(print, "mct_thread_now", print->clause->span);
    c_line(print, "struct mct_thread *thread = mct_thread_now();");
    c_open(print, "if (!thread)");
    go_over(print);
    c_close(print);
    print->has_thread = true;
}

static void print_guarded(struct printing *print) {
    const struct ir_clause *clause = print->clause;
    struct ir_clause head = {.predicate = clause->predicate};
    bool shares = clause->opens != clause->closes || !clause->opens;
    bool wants = ir_wants_firing(clause) || clause->opens != clause->closes;
    bool is_early = shares || ir_wants_firing(&head) ||
                    ir_wants_thread(&head) || ir_may_fail(&head);
    bool wants_thread = !wants && ir_wants_thread(clause);
    if (wants && is_early)
        enter(print);
    if (wants_thread && ir_wants_thread(&head))
        find_thread(print);
    if (clause->checks_end)
        check_end(print);
    if (clause->checks_process)
        check_process(print);
    if (clause->predicate)
        check_predicate(print);
    if (wants && !print->has_firing)
        enter(print);
    if (wants_thread && !print->has_thread)
        find_thread(print);
    c_body(print, clause->body);
}

// --- behind the statements ---

static void print_ends(struct printing *print) {
    const struct ir_clause *clause = print->clause;
    if (print->uses_fault) {
        c_leave(print);
        c_label(print, print->failed_at);
        if (ir_may_fail(clause))
            c_tell_fault(print);
    }
    if (print->uses_leave)
        c_label(print, STR("leave"));
    if (clause->exits) {
        c_runtime(print, "mct_exit", clause->span);
        c_open(print, "if (exiting)");
        c_line(print, "mct_exit(status);");
        c_close(print);
    }
    if (print->uses_out)
        c_label(print, STR("out"));
    if (print->has_firing && clause->closes) {
        c_runtime(print, "mct_leave", clause->span);
        c_line(print, "mct_leave(firing);");
    }
}

// What the statements turned out to need from their start.
static void print_locals(struct printing *print) {
    if (print->clause->exits)
        c_line(print, "bool exiting = false;\n        int32_t status = 0;");
    if (print->has_faults)
        c_line(print, "uint64_t fault_code = 0, fault_value = 0, "
                      "fault_place = 0;");
    if (print->uses_kept)
        c_line(print, "uint8_t *scratch_kept;");
    bytes_add(&print->out, print->locals.p, print->locals.n);
}

static void begin(struct printing *print, size_t index) {
    print->clause = print->input->shapes[index];
    print->handover = input_handover(print->input, index);
    bytes_init(&print->locals, print->arena, ORDER_LITTLE);
    print->names = print->places = 0;
    print->failed_at = STR("failed");
    print->said = (struct span){0};
    print->has_firing = print->has_thread = print->has_faults = false;
    print->uses_thread = print->uses_kept = print->uses_fault = false;
    print->uses_out = print->uses_leave = print->uses_next = false;
    print->reading_count = 0;
    print->depth = 2;
}

// The statements, with what turned out to be wanted of the firing.
static void print_statements(struct printing *print, const struct bytes *from) {
    size_t at = print->has_firing ? print->entered_at : 0;
    bytes_add(&print->out, from->p, at);
    if (print->has_firing && print->uses_thread)
        c_line(print, "struct mct_thread *thread = firing->thread;");
    if (print->uses_kept)
        c_line(print, "scratch_kept = firing->scratch_top;");
    bytes_add(&print->out, from->p + at, from->n - at);
}

void c_shape(struct printing *print, size_t index) {
    struct bytes file = print->out, statements;
    bytes_init(&print->out, print->arena, ORDER_LITTLE);
    begin(print, index);
    print_guarded(print);
    print_ends(print);
    statements = print->out;
    print->out = file;
    print->depth = 0;
    print_head(print, index);
    c_open(print, "SHAPE void mct_shape_%zu(ARGUMENTS)", index);
    print_inputs(print);
    c_line(print, "{");
    print->depth++;
    print_locals(print);
    print_statements(print, &statements);
    c_close(print);
    if (print->uses_next)
        c_label(print, STR("next"));
    c_line(print, "NEXT;");
    c_close(print);
}
