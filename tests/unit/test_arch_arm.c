// test_arch_arm.c: ARM's decoders against LLVM's disassembler, and its code:
// what is written decodes as what was meant.
//
// Over words made by chance and over Debian's C library for armhf, where that
// is installed: the same length, the same targets, and registers as they stand
// in the text that LLVM prints.

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <gelf.h>
#include <libelf.h>
#include <llvm-c/Disassembler.h>
#include <llvm-c/Target.h>

#include "arch/arch.h"

enum { VA = 0x100000 };
enum { R0, R1, R2, R3, R4, R7 = 7, IP = 12, SP, LR, PC, FLAGS, VECTOR };
enum { A32, T32 };
enum { NOP_T32 = 0xbf00 };

static const struct arch *arm(unsigned mode) {
    return arch_in_mode(arch_by_name(STR("arm")), mode);
}

static LLVMDisasmContextRef open_disassembler(unsigned mode) {
    LLVMInitializeARMTargetInfo();
    LLVMInitializeARMTarget();
    LLVMInitializeARMTargetMC();
    LLVMInitializeARMDisassembler();
    return LLVMCreateDisasmCPUFeatures(
        mode == T32 ? "thumbv8a-linux-gnueabihf" : "armv8a-linux-gnueabihf",
        "generic",
        "+neon,+fp-armv8,+crypto,+crc,+hwdiv,+hwdiv-arm,+trustzone,"
        "+virtualization,+mp,+dsp,+fullfp16,+dotprod",
        NULL, 0, NULL, NULL);
}

// --- what LLVM's text says ------------------------------------------------

// The register of a name, as LLVM prints it; -1: none.
static int register_number(const char *name, size_t len) {
    for (int i = 0; i <= PC; i++)
        if (strlen(arm(T32)->regs[i].name) == len &&
            strncmp(arm(T32)->regs[i].name, name, len) == 0)
            return i;
    bool is_vector =
        len > 1 && strchr("dsq", name[0]) && name[1] >= '0' && name[1] <= '9';
    return is_vector ? VECTOR : -1;
}

struct text {
    char mnemonic[32];
    uint8_t regs[40]; // in order
    bool in_list[40];
    unsigned count;
    regset all;
    bool has_number, writes_back, has_post_index;
    bool is_of_user; // the registers of user mode
    int64_t number;  // the last one
    int base;        // first register within brackets, or of a list
};

static void parse_text(const char *text, struct text *out) {
    *out = (struct text){.base = -1};
    while (*text == '\t' || *text == ' ')
        text++;
    size_t n = strcspn(text, "\t ");
    snprintf(out->mnemonic, sizeof out->mnemonic, "%.*s", (int)n, text);
    bool bracket = false, list = false, closed = false;
    for (const char *p = text + n; *p;) {
        if (*p == '-' && strchr("rsl", p[1])) // an index that is subtracted
            p++;
        size_t len = strcspn(p, ", \t[]{}!#^:");
        int reg = len > 0 ? register_number(p, len) : -1;
        if (reg >= 0 && out->count < 40) {
            if (bracket && out->base < 0)
                out->base = reg;
            out->in_list[out->count] = list;
            out->regs[out->count++] = (uint8_t)reg;
            out->all |= reg == PC ? 0 : REG_BIT(reg);
        } else if (len > 0) {
            char *end;
            int64_t number = strtoll(p, &end, 0);
            if (end == p + len) {
                out->has_number = true;
                out->number = number;
            }
        }
        if (closed && len > 0)
            out->has_post_index = true;
        if (p[len] == '[')
            bracket = true;
        if (p[len] == ']')
            closed = bracket, bracket = false;
        if (p[len] == '{')
            list = true;
        if (p[len] == '}')
            list = false;
        if (p[len] == '^')
            out->is_of_user = true;
        if (p[len] == '!')
            out->writes_back = true;
        p += len + (p[len] != 0);
    }
}

static bool starts(const char *word, const char *const *list) {
    for (; *list; list++)
        if (strncmp(word, *list, strlen(*list)) == 0)
            return true;
    return false;
}

// How many of the first registers are set.
static unsigned count_set(const struct text *text) {
    static const char *const none[] = {
        "strex.", "str",   "stm",  "stl",  "push", "cmp", "cmn",  "tst",  "teq",
        "pld",    "pli",   "bx",   "blx",  "cb",   "tbb", "tbh",  "msr",  "mcr",
        "vst",    "vpush", "vmsr", "vcmp", "bl",   "b",   "vldm", "vldr", "vld",
        "vpop",   "svc",   "srs",  "stc",  "ldc",  "rfe", NULL};
    static const char *const exclusive[] = {"strex", "stlex", NULL};
    static const char *const one[] = {"bic", "bfi", "bfc", NULL};
    static const char *const two[] = {"smull",  "umull", "smlal", "umlal",
                                      "umaal",  "smlsl", "ldrd",  "ldrexd",
                                      "ldaexd", "mrrc",  NULL};
    const char *name = text->mnemonic;
    if (starts(name, exclusive) || starts(name, one))
        return 1;
    if (starts(name, two))
        return 2;
    if (strncmp(name, "vmov", 4) == 0 && text->count > 2 &&
        text->regs[0] < PC && text->regs[1] < PC)
        return 2;
    if (starts(name, none))
        return 0;
    return 1;
}

static bool is_list_load(const char *name) {
    return strncmp(name, "ldm", 3) == 0 || strncmp(name, "pop", 3) == 0;
}

static void describe_difference(const struct insn *insn, const char *line,
                                const char *what) {
    fail_msg("%s:%s: mode %u len %u kind %u flags %#x reads %#lx writes %#lx "
             "clobbers %#lx target %#lx pc %#lx bytes %02x%02x %02x%02x",
             what, line, insn->mode, insn->len, insn->kind, insn->flags,
             insn->reads, insn->writes, insn->clobbers, insn->target,
             insn->pc_value, insn->bytes[1], insn->bytes[0], insn->bytes[3],
             insn->bytes[2]);
}

// Those of which LLVM's text says less than they do, or something else.
static bool is_left_out(const struct text *text) {
    static const char *const names[] = {
        "mrc",  "mcr",  "mrs",   "msr",   "cps",       "setend", "srs",  "rfe",
        "ldc",  "stc",  "cdp",   "smc",   "hvc",       "eret",   "svc",  "it",
        "vmsr", "vmrs", "mrrc",  "mcrr",  "udf",       "fldm",   "fstm", "bkpt",
        "hlt",  "dcps", "vlldm", "vlstm", "__brkdiv0", "trap",   NULL};
    // With the pc these are not defined.
    static const char *const without_pc[] = {"sm", "um", "vmov", "ml", NULL};
    for (unsigned i = 0; i < text->count; i++)
        if (text->regs[i] == PC && starts(text->mnemonic, without_pc))
            return true;
    return starts(text->mnemonic, names) || text->is_of_user ||
           (text->count > 1 && text->in_list[1] && text->regs[0] == PC);
}

static void compare_registers(const struct insn *insn, const struct text *text,
                              const char *line) {
    const regset known = ~(arm(T32)->abi.flag_parts | REG_BIT(FLAGS) |
                           REG_BIT(PC) | arm(T32)->abi.reservation);
    regset set = 0, read = 0, implied = 0;
    bool lists = is_list_load(text->mnemonic);
    unsigned dests = count_set(text);
    for (unsigned i = 0; i < text->count; i++) {
        if (text->regs[i] == PC)
            continue;
        if (lists ? text->in_list[i] : i < dests)
            set |= REG_BIT(text->regs[i]);
        else
            read |= REG_BIT(text->regs[i]);
    }
    if (strncmp(text->mnemonic, "push", 4) == 0 ||
        strncmp(text->mnemonic, "pop", 3) == 0 ||
        strncmp(text->mnemonic, "vpush", 5) == 0 ||
        strncmp(text->mnemonic, "vpop", 4) == 0)
        implied = REG_BIT(SP);
    if (insn->kind == INSN_CALL || insn->kind == INSN_CALL_INDIRECT)
        implied |= REG_BIT(LR);
    int base = text->base >= 0 ? text->base : text->regs[0];
    if ((text->writes_back || text->has_post_index) && base < PC)
        implied |= REG_BIT(base);
    regset vectors = (set | read) & REG_BIT(VECTOR);
    if ((set & ~insn->clobbers) || (read & ~insn->reads))
        describe_difference(insn, line, "too few");
    if (insn->writes & ~(set | implied) & known)
        describe_difference(insn, line, "written");
    if (insn->clobbers & ~(set | implied | vectors) & known)
        describe_difference(insn, line, "clobbered");
    // A destination may be read as well.
    regset more = REG_BIT(VECTOR) | (insn->flags & INSN_IMMOVABLE ? ~0ul : 0);
    // T32 has the operand of these twice, and it must be the same.
    static const char *const twice[] = {"rev", "rbit", "clz", NULL};
    if (starts(text->mnemonic, twice))
        more = ~0ul;
    if (insn->reads & ~(set | read | implied | more) & known)
        describe_difference(insn, line, "read");
    // What is set for certain must be known as such, else a probe costs more.
    if (insn->kind == INSN_PLAIN && (set & ~insn->writes & ~REG_BIT(VECTOR)) &&
        !(insn->reads & (REG_BIT(FLAGS))))
        describe_difference(insn, line, "not written");
}

static void compare_control(const struct insn *insn, const struct text *text,
                            const char *line) {
    bool names_pc = false;
    unsigned dests = count_set(text);
    for (unsigned i = dests; i < text->count; i++)
        names_pc |= text->regs[i] == PC && !text->in_list[i];
    static const char *const preloads[] = {"pld", "pli", NULL};
    if (names_pc && !(insn->flags & INSN_PC_RELATIVE) &&
        insn->kind != INSN_JUMP && !starts(text->mnemonic, preloads))
        describe_difference(insn, line, "pc");
    if (insn->target != 0 && text->has_number && insn->kind != INSN_PLAIN) {
        uint64_t pc = insn->va + (insn->mode == T32 ? 4 : 8);
        if (insn->flags & INSN_SWITCHES)
            pc &= ~(uint64_t)3;
        if (insn->target != pc + (uint64_t)text->number)
            describe_difference(insn, line, "target");
    }
    const char *name = text->mnemonic;
    bool branches =
        (name[0] == 'b' && strncmp(name, "bi", 2) != 0 &&
         strncmp(name, "bf", 2) != 0 && strncmp(name, "bkpt", 4) != 0) ||
        strncmp(name, "cb", 2) == 0 || strncmp(name, "tb", 2) == 0;
    bool sets_pc = (dests > 0 && text->count > 0 && text->regs[0] == PC);
    for (unsigned i = 0; is_list_load(name) && i < text->count; i++)
        sets_pc |= text->in_list[i] && text->regs[i] == PC;
    if ((branches || sets_pc) == (insn->kind == INSN_PLAIN))
        describe_difference(insn, line, "kind");
}

// Whether LLVM knows it. False as well if it is left out.
static bool compare(LLVMDisasmContextRef context, uint8_t *bytes, size_t len,
                    uint64_t va, unsigned mode, struct insn *insn,
                    unsigned *unknown) {
    char line[256];
    size_t taken =
        LLVMDisasmInstruction(context, bytes, len, va, line, sizeof line);
    struct code code = {{bytes, len}, va, mode};
    bool known = arm(mode)->decode(&code, insn);
    if (taken == 0)
        return false;
    struct text text;
    parse_text(line, &text);
    if (strncmp(text.mnemonic, "it", 2) == 0)
        return true;
    if (!known) {
        *unknown += 1;
        return true;
    }
    if (taken != insn->len)
        describe_difference(insn, line, "length");
    if (is_left_out(&text))
        return true;
    compare_registers(insn, &text, line);
    compare_control(insn, &text, line);
    return true;
}

// --- words by chance ------------------------------------------------------

static uint32_t chance(uint64_t *state) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 32);
}

static bool is_it(const uint8_t *bytes) {
    return bytes[1] == 0xbf && (bytes[0] & 15) != 0;
}

static void try_words(unsigned mode) {
    LLVMDisasmContextRef context = open_disassembler(mode);
    uint64_t random = 1;
    unsigned known = 0, unknown = 0;
    for (unsigned i = 0; i < 400000; i++) {
        uint8_t bytes[4];
        struct insn insn;
        store_uint(bytes, chance(&random), 4, ORDER_LITTLE);
        if (mode == T32 && (i & 1)) // of 32 bits
            bytes[1] |= 0xe8;
        if (mode == T32 && is_it(bytes))
            continue;
        known +=
            compare(context, bytes, 4, VA + (i & 2), mode, &insn, &unknown);
    }
    LLVMDisasmDispose(context);
    assert_true(known > 100000);
    if (unknown > known / 1000)
        fail_msg("%u of %u are not known", unknown, known);
}

static void narrow_all(void **state) {
    (void)state;
    LLVMDisasmContextRef context = open_disassembler(T32);
    unsigned unknown = 0;
    for (uint32_t word = 0; word < 0xe800; word++) {
        uint8_t bytes[4];
        struct insn insn;
        store_uint(bytes, word | (uint32_t)NOP_T32 << 16, 4, ORDER_LITTLE);
        if (!is_it(bytes))
            compare(context, bytes, 4, VA, T32, &insn, &unknown);
    }
    LLVMDisasmDispose(context);
    assert_int_equal(unknown, 0);
}

static void t32_by_chance(void **state) {
    (void)state;
    try_words(T32);
}

static void a32_by_chance(void **state) {
    (void)state;
    try_words(A32);
}

// --- a real program -------------------------------------------------------

#define LIBRARY "/usr/arm-linux-gnueabihf/lib/libc.so.6"

// A block of IT is one instruction of ours and several of LLVM's.
static void sweep_section(LLVMDisasmContextRef context, uint8_t *bytes,
                          size_t len, unsigned *insns, unsigned *blocks,
                          unsigned *unknown) {
    for (size_t at = 0; at + 4 <= len;) {
        struct insn insn;
        compare(context, bytes + at, len - at, at, T32, &insn, unknown);
        size_t end = at + insn.len;
        if (insn.kind != INSN_UNKNOWN && is_it(bytes + at)) {
            size_t inner = at + 2;
            char line[256];
            while (inner < end)
                inner +=
                    LLVMDisasmInstruction(context, bytes + inner, len - inner,
                                          inner, line, sizeof line);
            assert_int_equal(inner, end);
            *blocks += 1;
        }
        *insns += 1;
        at = end;
    }
}

static void library(void **state) {
    (void)state;
    int fd = open(LIBRARY, O_RDONLY);
    if (fd < 0)
        skip();
    elf_version(EV_CURRENT);
    Elf *elf = elf_begin(fd, ELF_C_READ, NULL);
    size_t names;
    unsigned insns = 0, blocks = 0, unknown = 0;
    assert_int_equal(elf_getshdrstrndx(elf, &names), 0);
    LLVMDisasmContextRef context = open_disassembler(T32);
    for (Elf_Scn *scn = NULL; (scn = elf_nextscn(elf, scn));) {
        GElf_Shdr header;
        gelf_getshdr(scn, &header);
        if (strcmp(elf_strptr(elf, names, header.sh_name), ".text") != 0)
            continue;
        Elf_Data *data = elf_getdata(scn, NULL);
        sweep_section(context, data->d_buf, data->d_size, &insns, &blocks,
                      &unknown);
    }
    LLVMDisasmDispose(context);
    elf_end(elf);
    close(fd);
    assert_true(insns > 200000 && blocks > 5000);
    assert_true(unknown < insns / 1000); // among constants
}

// --- what is written ------------------------------------------------------

static struct insn decode_at(const uint8_t *bytes, size_t len, uint64_t va,
                             unsigned mode) {
    struct insn insn;
    arm(mode)->decode(&(struct code){{bytes, len}, va, mode}, &insn);
    return insn;
}

// Moves the instruction in `bytes` and decodes the last of what that becomes.
static struct insn move_to(struct bytes *out, const uint8_t *bytes, size_t len,
                           unsigned mode, uint64_t to_va) {
    struct insn insn = decode_at(bytes, len, VA, mode), moved = {0};
    out->n = 0;
    assert_true(arm(mode)->move(&insn, to_va, 0, out));
    for (size_t at = 0; at < out->n; at += moved.len)
        moved = decode_at(out->p + at, out->n - at, to_va + at, mode);
    return moved;
}

#define MOVE(out, mode, to_va, ...)                                            \
    move_to(out, (const uint8_t[]){__VA_ARGS__},                               \
            sizeof((const uint8_t[]){__VA_ARGS__}), mode, to_va)

static void branches_move(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct bytes out;
    bytes_init(&out, arena, ORDER_LITTLE);
    const uint64_t far = VA + 0x800002;
    // b.n .; beq.n .; cbz r2; bl; it eq, b.n
    assert_int_equal(MOVE(&out, T32, far, 0xfe, 0xe7).target, VA);
    struct insn insn = MOVE(&out, T32, far, 0xfe, 0xd0);
    assert_int_equal(insn.target, VA);
    assert_int_equal(decode_at(out.p, out.n, far, T32).target, far + out.n);
    assert_int_equal(MOVE(&out, T32, far, 0x12, 0xb1).target, VA + 8);
    assert_int_equal(decode_at(out.p, out.n, far, T32).target, far + out.n);
    insn = MOVE(&out, T32, far, 0xff, 0xf7, 0xfe, 0xff);
    assert_int_equal(insn.target, VA);
    assert_int_equal(insn.kind, INSN_CALL);
    assert_int_equal(MOVE(&out, T32, far, 0x08, 0xbf, 0xfd, 0xe7).target, VA);
    // bne, bl of A32
    assert_int_equal(
        MOVE(&out, A32, VA + 0x1000000, 0xfe, 0xff, 0xff, 0x1a).target, VA);
    assert_int_equal(
        MOVE(&out, A32, VA + 0x1000000, 0xfe, 0xff, 0xff, 0xeb).target, VA);
    arena_free(arena);
}

// What a constant of movw, movt and the pc come to.
static uint32_t address_made(const struct bytes *out, unsigned mode,
                             uint64_t va) {
    uint32_t low = (uint32_t)decode_at(out->p, 4, va, mode).const_value;
    const uint8_t *p = out->p + 4;
    uint32_t high = mode == T32
                        ? (uint32_t)(p[0] & 15) << 12 | (p[1] >> 2 & 1) << 11 |
                              (p[3] >> 4 & 7) << 8 | p[2]
                        : (uint32_t)(p[2] & 15) << 12 | (p[1] & 15) << 8 | p[0];
    return (high << 16 | low) + (uint32_t)va + 8 + (mode == T32 ? 4 : 8);
}

static void literals_move(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct bytes out;
    bytes_init(&out, arena, ORDER_LITTLE);
    const uint64_t far = VA + 0x900006;
    // ldr r3, [pc, #8]; adr r1, pc + 4; ldr.w r9, [pc, #-4]
    struct insn insn = MOVE(&out, T32, far, 0x02, 0x4b);
    assert_int_equal(address_made(&out, T32, far), VA + 12);
    assert_int_equal(insn.writes, REG_BIT(R3));
    MOVE(&out, T32, far, 0x01, 0xa1);
    assert_int_equal(address_made(&out, T32, far), VA + 8);
    insn = MOVE(&out, T32, far, 0x5f, 0xf8, 0x04, 0x90);
    assert_int_equal(address_made(&out, T32, far), VA);
    assert_int_equal(insn.reads & insn.writes, REG_BIT(9));
    // ldr r2, [pc, #16] of A32
    insn = MOVE(&out, A32, VA + 0x40000, 0x10, 0x20, 0x9f, 0xe5);
    assert_int_equal(address_made(&out, A32, VA + 0x40000), VA + 24);
    assert_int_equal(insn.writes, REG_BIT(R2));
    // tbb [pc, r0] stays
    const uint8_t table[] = {0xdf, 0xe8, 0x00, 0xf0};
    insn = decode_at(table, 4, VA, T32);
    assert_int_equal(insn.table_va, VA + 4);
    assert_int_equal(insn.table_step, 1);
    assert_false(arm(T32)->move(&insn, far, 0, &out));
    arena_free(arena);
}

static void blocks_split(void **state) {
    (void)state;
    // itt eq; moveq r0, #1; bxeq lr
    const uint8_t block[] = {0x04, 0xbf, 0x01, 0x20, 0x70, 0x47};
    struct insn insn = decode_at(block, sizeof block, VA, T32), head, last;
    uint8_t bytes[64];
    assert_int_equal(insn.kind, INSN_RETURN_COND);
    assert_int_equal(insn.len, 6);
    assert_int_equal(insn.writes, 0);
    assert_true(arm(T32)->split(&insn, bytes, &head, &last));
    assert_int_equal(head.kind, INSN_PLAIN);
    assert_int_equal(head.len, 4);
    assert_int_equal(head.clobbers, REG_BIT(R0));
    assert_int_equal(last.kind, INSN_RETURN_COND);
    assert_int_equal(last.len, 4);
    assert_false(arm(T32)->split(&last, bytes, &head, &insn));
}

static void saves_what_it_restores(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct bytes out;
    bytes_init(&out, arena, ORDER_LITTLE);
    const regset sets[] = {REG_BIT(R0), REG_BIT(IP), REG_BIT(R0) | REG_BIT(LR),
                           REG_BIT(R1) | REG_BIT(IP) | REG_BIT(FLAGS),
                           REG_BIT(R2) | REG_BIT(R4) | REG_BIT(R7)};
    for (unsigned mode = A32; mode <= T32; mode++) {
        for (size_t i = 0; i < COUNT_OF(sets); i++) {
            out.n = 0;
            int32_t low = 0;
            uint32_t len = arm(mode)->save(sets[i], 0, &out);
            size_t middle = out.n;
            arm(mode)->restore(sets[i], 0, &out);
            for (size_t at = 0; at < out.n;) {
                if (at == middle)
                    assert_int_equal(-low, len);
                struct insn insn =
                    decode_at(out.p + at, out.n - at, VA + at, mode);
                assert_int_not_equal(insn.kind, INSN_UNKNOWN);
                low += insn.sp_delta;
                at += insn.len;
            }
            assert_int_equal(low, 0);
        }
    }
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(branches_move),
        cmocka_unit_test(literals_move),
        cmocka_unit_test(blocks_split),
        cmocka_unit_test(saves_what_it_restores),
        cmocka_unit_test(narrow_all),
        cmocka_unit_test(t32_by_chance),
        cmocka_unit_test(a32_by_chance),
        cmocka_unit_test(library),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
