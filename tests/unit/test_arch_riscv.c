// test_arch_riscv.c: RISC-V's decoder against LLVM's disassembler, and its
// code: what is written decodes as what was meant.
//
// Over words made by chance and over Debian's C library for RISC-V, where that
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
enum { RA = 1, SP = 2, T0 = 5, T1 = 6, A0 = 10, A5 = 15, A7 = 17, T6 = 31 };
enum { VECTOR = 32 };

static const struct arch *riscv(void) {
    return arch_by_name(STR("riscv64"));
}

static LLVMDisasmContextRef open_disassembler(void) {
    LLVMInitializeRISCVTargetInfo();
    LLVMInitializeRISCVTarget();
    LLVMInitializeRISCVTargetMC();
    LLVMInitializeRISCVDisassembler();
    return LLVMCreateDisasmCPUFeatures(
        "riscv64", "generic-rv64",
        "+m,+a,+f,+d,+c,+v,+zba,+zbb,+zbc,+zbs,+zicsr,+zifencei,+zcb,+zicond,"
        "+zfh,+zicbom,+zicboz,+zimop,+zcmop",
        NULL, 0, NULL, NULL);
}

// --- what LLVM's text says ------------------------------------------------

// The register of a name, as LLVM prints it; -1: none, -2: a vector's.
static int register_number(const char *name, size_t len) {
    for (int i = 1; i < 32; i++)
        if (strlen(riscv()->regs[i].name) == len &&
            strncmp(riscv()->regs[i].name, name, len) == 0)
            return i;
    if (len == 2 && strncmp(name, "fp", 2) == 0)
        return 8;
    bool is_float = name[0] == 'f' && len > 2 && strchr("tsa", name[1]) &&
                    strspn(name + 2, "0123456789") >= len - 2;
    bool is_vector =
        name[0] == 'v' && len > 1 && strspn(name + 1, "0123456789") >= len - 1;
    return is_float || is_vector ? -2 : -1;
}

struct text {
    char mnemonic[32];
    regset all, rest; // named at all, and behind the first operand
    bool has_number;
    int64_t number; // the last one
};

static void parse_text(const char *text, struct text *out) {
    *out = (struct text){0};
    while (*text == '\t' || *text == ' ')
        text++;
    size_t n = strcspn(text, "\t ");
    snprintf(out->mnemonic, sizeof out->mnemonic, "%.*s", (int)n, text);
    unsigned operand = 0;
    for (const char *p = text + n; *p;) {
        size_t len = strcspn(p, ", \t()");
        int reg = len > 0 ? register_number(p, len) : -1;
        if (reg != -1) {
            regset bit = REG_BIT(reg == -2 ? VECTOR : reg);
            out->all |= bit;
            out->rest |= operand > 0 ? bit : 0;
        } else if (len > 0) {
            char *end;
            int64_t number = strtoll(p, &end, 0);
            if (end == p + len) {
                out->has_number = true;
                out->number = number;
            }
        }
        operand += p[len] == ',';
        p += len > 0 ? len : 1;
    }
}

static bool is_one_of(const char *word, const char *const *list) {
    for (; *list; list++)
        if (strcmp(word, *list) == 0)
            return true;
    return false;
}

// The first operand of these is read, or is none.
static bool reads_first(const char *mnemonic) {
    static const char *const names[] = {
        "sb",        "sh",       "sw",    "sd",   "beq",       "bne",
        "blt",       "bge",      "bltu",  "bgeu", "beqz",      "bnez",
        "bltz",      "bgez",     "blez",  "bgtz", "bgt",       "ble",
        "bgtu",      "bleu",     "j",     "jr",   "cbo.clean", "cbo.flush",
        "cbo.inval", "cbo.zero", "fence", "csrw", "csrs",      "csrc",
        "ret",       NULL};
    return is_one_of(mnemonic, names);
}

// The same with one operand alone.
static bool reads_only(const char *mnemonic) {
    static const char *const names[] = {"jalr", "fscsr", "fsrm", "fsflags",
                                        NULL};
    return is_one_of(mnemonic, names);
}

// Those that the text does not name: links, and sp of c.addi16sp is named.
static regset implicit(const char *mnemonic, unsigned operands) {
    static const char *const links[] = {"jal", "jalr", NULL};
    if (strcmp(mnemonic, "ret") == 0)
        return REG_BIT(RA);
    return is_one_of(mnemonic, links) && operands < 2 ? REG_BIT(RA) : 0;
}

static unsigned count_operands(const char *text) {
    unsigned count = 1;
    for (; *text; text++)
        count += *text == ',';
    return count;
}

// Instructions whose text says less than they do, or whose registers LLVM
// prints in other ways: floating point changes the flags, and so on.
static void compare_registers(const struct insn *insn, const struct text *text,
                              const char *line) {
    regset general = riscv()->abi.general;
    regset named = text->all | implicit(text->mnemonic, count_operands(line));
    regset ours = (insn->reads | insn->clobbers) & general;
    if (insn->clobbers == REGSET_ALL || insn->kind == INSN_SYSCALL)
        return;
    // Strides and such are overstated of vectors.
    bool is_vector = text->mnemonic[0] == 'v';
    if ((named & general & ~ours) || (!is_vector && (ours & ~named)))
        fail_msg("%s: registers %#lx, by the text %#lx", line, ours,
                 named & general);
    if ((named & REG_BIT(VECTOR)) && !(insn->reads & REG_BIT(VECTOR)))
        fail_msg("%s: does not tell of vectors", line);
    regset first = named & ~text->rest & general;
    bool reads = reads_first(text->mnemonic) ||
                 strncmp(text->mnemonic, "vs", 2) == 0 ||
                 (count_operands(line) == 1 && reads_only(text->mnemonic));
    if (!reads && (first & ~insn->writes) && !is_vector)
        fail_msg("%s: does not write %#lx", line, first);
    if (reads && (insn->clobbers & general & ~REG_BIT(RA)) && !is_vector)
        fail_msg("%s: writes %#lx", line, insn->clobbers);
    if ((text->rest & general & ~insn->reads) && !is_vector)
        fail_msg("%s: does not read %#lx", line,
                 text->rest & general & ~insn->reads);
}

static void compare_target(const struct insn *insn, const struct text *text,
                           const char *line) {
    bool branches = insn->target != 0;
    bool prints = (text->mnemonic[0] == 'j' || text->mnemonic[0] == 'b') &&
                  strncmp(text->mnemonic, "jr", 2) != 0 &&
                  strncmp(text->mnemonic, "jalr", 4) != 0 && text->has_number;
    static const char *const bits[] = {"bclr",  "bclri", "bext", "bexti",
                                       "binv",  "binvi", "bset", "bseti",
                                       "brev8", NULL};
    prints &= !is_one_of(text->mnemonic, bits);
    if (branches != prints)
        fail_msg("%s: target %#lx", line, insn->target);
    if (branches && insn->target != insn->va + (uint64_t)text->number)
        fail_msg("%s: target %#lx at %#lx", line, insn->target, insn->va);
}

// One instruction alone. False: LLVM does not know it.
static bool compare_with_llvm(LLVMDisasmContextRef context,
                              const uint8_t *bytes, size_t n, uint64_t va,
                              uint8_t *len) {
    char line[128];
    uint8_t copy[4] = {0};
    memcpy(copy, bytes, n < 4 ? n : 4);
    size_t llvm_len =
        LLVMDisasmInstruction(context, copy, n, 0, line, sizeof line);
    if (llvm_len == 0)
        return false;
    struct code code = {{bytes, llvm_len}, va, 0};
    struct insn insn;
    struct insn_brief brief;
    if (!riscv()->decode(&code, &insn))
        fail_msg("%s: not decoded", line);
    riscv()->brief(&code, &brief);
    assert_int_equal(brief.len, insn.len);
    assert_int_equal(brief.kind, insn.kind);
    assert_int_equal(brief.target, insn.target);
    assert_int_equal(brief.pc_value, insn.pc_value);
    if (insn.len != llvm_len)
        fail_msg("%s: length %u", line, insn.len);
    *len = insn.len;
    struct text text;
    parse_text(line, &text);
    compare_registers(&insn, &text, line);
    compare_target(&insn, &text, line);
    return true;
}

static uint32_t chance(uint64_t *state) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 32);
}

static void random_words(void **state) {
    (void)state;
    LLVMDisasmContextRef context = open_disassembler();
    assert_non_null(context);
    uint64_t seed = 1;
    unsigned known = 0;
    uint8_t len;
    for (int i = 0; i < 400000; i++) {
        uint8_t bytes[4];
        uint32_t word = chance(&seed) | 3;
        store_uint(bytes, word, 4, ORDER_LITTLE);
        known += compare_with_llvm(context, bytes, 4, VA, &len);
    }
    assert_true(known > 100000);
    for (uint32_t half = 0; half < 0x10000; half++) {
        uint8_t bytes[2];
        store_uint(bytes, half, 2, ORDER_LITTLE);
        if ((half & 3) != 3)
            compare_with_llvm(context, bytes, 2, VA, &len);
    }
    LLVMDisasmDispose(context);
}

static void sweep_section(LLVMDisasmContextRef context, const uint8_t *p,
                          size_t n) {
    size_t unknown = 0;
    for (size_t off = 0; off + 4 <= n;) {
        uint8_t len;
        if (!compare_with_llvm(context, p + off, n - off, VA + off, &len)) {
            unknown++;
            len = 2;
        }
        off += len;
    }
    // A few instructions of extensions that LLVM was not told of.
    assert_true(unknown < n / 1000);
}

static void c_library(void **state) {
    (void)state;
    int fd = open("/usr/riscv64-linux-gnu/lib/libc.so.6", O_RDONLY);
    if (fd < 0)
        skip(); // no C library for RISC-V is installed
    LLVMDisasmContextRef context = open_disassembler();
    elf_version(EV_CURRENT);
    Elf *elf = elf_begin(fd, ELF_C_READ, NULL);
    Elf_Scn *scn = NULL;
    size_t names, swept = 0;
    assert_int_equal(elf_getshdrstrndx(elf, &names), 0);
    while ((scn = elf_nextscn(elf, scn))) {
        GElf_Shdr header;
        gelf_getshdr(scn, &header);
        if (strcmp(elf_strptr(elf, names, header.sh_name), ".text") != 0)
            continue;
        Elf_Data *data = elf_getdata(scn, NULL);
        sweep_section(context, data->d_buf, data->d_size);
        swept += data->d_size;
    }
    assert_true(swept > 500000);
    elf_end(elf);
    close(fd);
    LLVMDisasmDispose(context);
}

// --- what spans several instructions --------------------------------------

static struct insn decode_words(const uint32_t *words, size_t count,
                                uint8_t *bytes) {
    struct insn insn;
    for (size_t i = 0; i < count; i++)
        store_uint(bytes + 4 * i, words[i], 4, ORDER_LITTLE);
    riscv()->decode(&(struct code){{bytes, 4 * count}, VA, 0}, &insn);
    return insn;
}

#define DECODE(...)                                                            \
    decode_words((const uint32_t[]){__VA_ARGS__},                              \
                 sizeof((const uint32_t[]){__VA_ARGS__}) / 4,                  \
                 (uint8_t[64]){0})

static void halves_of_addresses(void **state) {
    (void)state;
    // auipc a0,0x2; addi a0,a0,-4; ld a5,8(a0); lui a0,0x12; li a0,4
    struct insn insn = DECODE(0x00002517);
    assert_int_equal(insn.const_value, VA + 0x2000);
    assert_int_equal(insn.const_reg, A0);
    assert_int_equal(insn.flags, INSN_PC_RELATIVE);
    insn = DECODE(0xffc50513);
    assert_int_equal(insn.flags, INSN_ADDS_OFFSET);
    assert_int_equal(insn.base_reg, A0);
    assert_int_equal(insn.base_off, -4);
    insn = DECODE(0x00853783);
    assert_int_equal(insn.base_reg, A0);
    assert_int_equal(insn.base_off, 8);
    assert_int_equal(insn.loaded_reg, A5);
    assert_int_equal(DECODE(0x00012537).const_value, 0x12000);
    assert_int_equal(DECODE(0x00400513).const_value, 4);
}

static void far_jumps_are_one(void **state) {
    (void)state;
    // auipc ra,1; jalr ra,-16(ra)
    struct insn insn = DECODE(0x00001097, 0xff0080e7);
    assert_int_equal(insn.kind, INSN_CALL);
    assert_int_equal(insn.len, 8);
    assert_int_equal(insn.target, VA + 0x1000 - 16);
    assert_int_equal(insn.writes, REG_BIT(RA));
    // auipc t1,1; jr t1
    insn = DECODE(0x00001317, 0x00030067);
    assert_int_equal(insn.kind, INSN_JUMP);
    assert_int_equal(insn.target, VA + 0x1000);
    assert_int_equal(insn.writes, REG_BIT(T1));
    // auipc t3,1; jalr t1,(t3): the stub of an import
    insn = DECODE(0x00001e17, 0x000e0367);
    assert_int_equal(insn.len, 4);
    insn = DECODE(0x000e0367);
    assert_int_equal(insn.kind, INSN_JUMP_INDIRECT);
    assert_true(insn.flags & INSN_IMMOVABLE);
}

static void control(void **state) {
    (void)state;
    assert_int_equal(DECODE(0x00008067).kind, INSN_RETURN); // ret
    assert_int_equal(DECODE(0x00028067).kind, INSN_RETURN); // jr t0
    assert_int_equal(DECODE(0x00078067).kind, INSN_JUMP_INDIRECT);
    assert_int_equal(DECODE(0x000780e7).kind, INSN_CALL_INDIRECT);
    assert_int_equal(DECODE(0x00000073).kind, INSN_SYSCALL);
    assert_int_equal(DECODE(0x00100073).kind, INSN_STOP);
    assert_int_equal(DECODE(0xc0001073).kind, INSN_STOP); // unimp
    assert_int_equal(DECODE(0).kind, INSN_STOP);
    assert_int_equal(DECODE(0).len, 2);
    // A call of millicode keeps its return address in t0.
    struct insn insn = DECODE(0x010002ef);
    assert_int_equal(insn.kind, INSN_CALL);
    assert_true(insn.flags & INSN_OWN_LINK);
    // ebreak within slli x0,x0,31; srai x0,x0,7 asks the debugger
    insn = DECODE(0x00100073, 0x40705013);
    assert_int_equal(insn.kind, INSN_PLAIN);
    // addi sp,sp,-32 and sd sp,0(a0)
    insn = DECODE(0xfe010113);
    assert_int_equal(insn.sp_delta, -32);
    assert_true(insn.flags & INSN_SP_VALUE);
    assert_true(DECODE(0x00253023).flags & INSN_SP_VALUE);
    assert_int_equal(DECODE(0x00a13023).flags, INSN_USES_SP);
    assert_int_equal(DECODE(0xfea13c23).flags, INSN_USES_SP | INSN_BELOW_SP);
    // c.addi16sp sp,-64
    insn = DECODE(0x00007139);
    assert_int_equal(insn.sp_delta, -64);
    assert_int_equal(insn.len, 2);
    assert_int_equal(DECODE(0xff1ff06f).target, VA - 16);
}

// --- what is written ------------------------------------------------------

static struct bytes new_bytes(struct arena *arena) {
    struct bytes bytes;
    bytes_init(&bytes, arena, ORDER_LITTLE);
    return bytes;
}

static struct insn insn_at(const struct bytes *bytes, size_t off, uint64_t va) {
    struct insn insn;
    struct code code = {{bytes->p + off, bytes->n - off}, va + off, 0};
    assert_true(riscv()->decode(&code, &insn));
    return insn;
}

static void jumps_lead_there(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    for (uint8_t i = 0; i < riscv()->jump_count; i++) {
        const struct reach *reach = &riscv()->jumps[i];
        const int64_t distances[] = {
            reach->min, reach->max, -2, 2, 1234, -1366, reach->max / 3 & ~1};
        for (size_t k = 0; k < COUNT_OF(distances); k++) {
            struct bytes out = new_bytes(arena);
            uint64_t from = (uint64_t)1 << 40;
            riscv()->jump(reach, from, from + (uint64_t)(distances[k] & ~1),
                          &out);
            assert_int_equal(out.n, reach->len);
            struct insn insn = insn_at(&out, 0, from);
            assert_int_equal(insn.kind, INSN_JUMP);
            assert_int_equal(insn.len, reach->len);
            assert_int_equal(insn.clobbers, reach->clobbers);
            assert_int_equal((int64_t)(insn.target - from), distances[k] & ~1);
        }
    }
    arena_free(arena);
}

static void calls_end_in_place(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    for (unsigned len = 4; len <= 14; len += 2) {
        for (int far = 0; far < 2; far++) {
            struct bytes out = new_bytes(arena);
            uint64_t to = far ? VA + 0x5000000 : VA + 0x500;
            bool done = riscv()->call(VA, to, len, &out);
            assert_int_equal(done, !far || len >= 8);
            if (!done)
                continue;
            assert_int_equal(out.n, len);
            struct insn insn = insn_at(&out, len - (far ? 8 : 4), VA);
            assert_int_equal(insn.kind, INSN_CALL);
            assert_int_equal(insn.target, to);
            assert_int_equal(insn.va + insn.len, VA + len);
        }
    }
    arena_free(arena);
}

static struct bytes move_words(struct arena *arena, const struct insn *insn,
                               uint64_t to_va, bool wanted) {
    struct bytes out = new_bytes(arena);
    assert_int_equal(riscv()->move(insn, to_va, 0, &out), wanted);
    return out;
}

static void instructions_move(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    uint8_t bytes[64];
    const uint64_t to = VA + 0x8000;
    // beq a0,a5,-16 becomes bne and a jump
    struct insn insn = decode_words((uint32_t[]){0xfef508e3}, 1, bytes);
    struct bytes out = move_words(arena, &insn, to, true);
    struct insn moved = insn_at(&out, 0, to);
    assert_int_equal(moved.target, to + 8);
    assert_int_equal(moved.reads, REG_BIT(A0) | REG_BIT(A5));
    moved = insn_at(&out, 4, to);
    assert_int_equal(moved.kind, INSN_JUMP);
    assert_int_equal(moved.target, VA - 16);
    // c.bnez a0,+6
    insn = decode_words((uint32_t[]){0xe119}, 1, bytes);
    assert_int_equal(insn.target, VA + 6);
    out = move_words(arena, &insn, to, true);
    assert_int_equal(insn_at(&out, 0, to).reads, REG_BIT(A0));
    assert_int_equal(insn_at(&out, 4, to).target, VA + 6);
    assert_int_equal(out.p[1] & 0x70, 0x00); // beq
    // auipc a5,2 becomes its value
    insn = decode_words((uint32_t[]){0x00002797}, 1, bytes);
    out = move_words(arena, &insn, to, true);
    moved = insn_at(&out, 0, to);
    assert_int_equal(out.n, 8);
    assert_int_equal(moved.const_value +
                         (uint64_t)insn_at(&out, 4, to).base_off,
                     VA + 0x2000);
    // a far call keeps its form, and goes where it is sent
    insn = decode_words((uint32_t[]){0x00001097, 0xff0080e7}, 2, bytes);
    insn.target = VA + 0x700000;
    out = move_words(arena, &insn, to, true);
    moved = insn_at(&out, 0, to);
    assert_int_equal(moved.kind, INSN_CALL);
    assert_int_equal(moved.target, VA + 0x700000);
    // lr.d as it is
    insn = decode_words((uint32_t[]){0x1005b52f}, 1, bytes);
    out = move_words(arena, &insn, to, true);
    assert_int_equal(insn_at(&out, 0, to).writes,
                     REG_BIT(A0) | riscv()->abi.reservation);
    // jal t0 leaves the address where it was called
    insn = decode_words((uint32_t[]){0x010002ef}, 1, bytes);
    move_words(arena, &insn, to, false);
    out = new_bytes(arena);
    assert_true(riscv()->set_link(&insn, to, &out));
    moved = insn_at(&out, 0, to);
    assert_int_equal(moved.const_reg, T0);
    assert_int_equal(
        moved.const_value + (uint64_t)insn_at(&out, 4, to).base_off, VA + 4);
    // jalr (a5) becomes jr a5; jalr (ra) cannot
    insn = decode_words((uint32_t[]){0x9782}, 1, bytes);
    out = new_bytes(arena);
    assert_true(riscv()->call_to_jump(&insn, to, 0, &out));
    moved = insn_at(&out, 0, to);
    assert_int_equal(moved.kind, INSN_JUMP_INDIRECT);
    assert_int_equal(moved.reads, REG_BIT(A5));
    insn = decode_words((uint32_t[]){0x9082}, 1, bytes);
    assert_false(riscv()->call_to_jump(&insn, to, 0, &out));
    arena_free(arena);
}

static void saves_and_restores(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    regset set = REG_BIT(T0) | REG_BIT(A0) | REG_BIT(T6);
    struct bytes out = new_bytes(arena);
    assert_int_equal(riscv()->save(set, 0, &out), 32);
    assert_int_equal(out.n, 16);
    assert_int_equal(insn_at(&out, 0, 0).sp_delta, -32);
    assert_int_equal(riscv()->saved_at(set, T0), 0);
    assert_int_equal(riscv()->saved_at(set, A0), 8);
    assert_int_equal(riscv()->saved_at(set, T6), 16);
    assert_int_equal(riscv()->saved_at(set, T1), -1);
    out.n = 0;
    riscv()->restore(set, 0, &out);
    assert_int_equal(insn_at(&out, 4, 0).writes, REG_BIT(A0));
    assert_int_equal(insn_at(&out, 12, 0).sp_delta, 32);
    out.n = 0;
    riscv()->load_address(T6, SP, 4096, &out);
    assert_int_equal(out.n, 12);
    out.n = 0;
    assert_true(riscv()->push_address(VA, VA - 0x1234, &out));
    assert_int_equal(insn_at(&out, 0, VA).const_value +
                         (uint64_t)insn_at(&out, 4, VA).base_off,
                     VA - 0x1234);
    arena_free(arena);
}

// Runs what skip_unless_equal writes, for what it does to the number.
static uint64_t run_skip(const struct bytes *code, int64_t *number) {
    uint64_t pc = 0;
    while (pc < code->n) {
        struct insn insn = insn_at(code, pc, 0);
        int32_t word = (int32_t)load_uint(code->p + pc, 4, ORDER_LITTLE);
        pc += insn.len;
        if (insn.kind == INSN_PLAIN)
            *number += word >> 20;
        else if (insn.kind == INSN_JUMP)
            pc = insn.target;
        else if (((word >> 12 & 7) == 0 && *number == 0) ||
                 ((word >> 12 & 7) == 4 && *number < 0))
            pc = insn.target;
    }
    return pc;
}

static void skips_by_number(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    const int32_t values[] = {0, 1, 93, 2047, 2048, 5000, -1};
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        for (int64_t near = -1; near <= 1; near++) {
            int64_t number = values[i] + near, before = number;
            struct bytes out = new_bytes(arena);
            riscv()->skip_unless_equal(A7, values[i], 400, &out);
            assert_int_equal(run_skip(&out, &number),
                             out.n + (near == 0 ? 0 : 400));
            assert_int_equal(number, before);
            out.n = 0;
            riscv()->skip_unless_below(A7, values[i], 8000, &out);
            assert_int_equal(run_skip(&out, &number),
                             out.n + (near < 0 ? 0 : 8000));
            assert_int_equal(number, before);
        }
    }
    arena_free(arena);
}

static void system_calls(void **state) {
    (void)state;
    assert_string_equal(arch_syscall_name(riscv(), 63), "read");
    assert_string_equal(arch_syscall_name(riscv(), 79), "newfstatat");
    assert_string_equal(arch_syscall_name(riscv(), 222), "mmap");
    assert_string_equal(arch_syscall_name(riscv(), 259), "riscv_flush_icache");
    assert_string_equal(arch_syscall_name(riscv(), 462), "mseal");
    for (const struct syscall_row *row = riscv()->syscalls; row[1].name; row++)
        assert_true(row[0].number < row[1].number);
}

static void operands_of_probes(void **state) {
    (void)state;
    struct text_operand operand;
    assert_true(riscv()->read_operand(STR("-4@a5"), &operand));
    assert_int_equal(operand.kind, OPERAND_REG);
    assert_int_equal(operand.reg, A5);
    assert_int_equal(operand.bits, 32);
    assert_true(operand.is_signed);
    assert_true(riscv()->read_operand(STR("8@-24(s0)"), &operand));
    assert_int_equal(operand.kind, OPERAND_MEMORY);
    assert_int_equal(operand.reg, 8);
    assert_int_equal(operand.value, -24);
    assert_true(riscv()->read_operand(STR("4@77"), &operand));
    assert_int_equal(operand.kind, OPERAND_CONST);
    assert_int_equal(operand.value, 77);
    assert_true(riscv()->read_operand(STR("4@%lo(sym+4)(a4)"), &operand));
    assert_true(str_equal(operand.symbol, STR("sym")));
    assert_int_equal(operand.value, 4);
    assert_int_equal(operand.reg, REG_NONE);
    assert_false(riscv()->read_operand(STR("8@fa0"), &operand));
    assert_false(riscv()->read_operand(STR("3@a0"), &operand));
    assert_false(riscv()->read_operand(STR("4@4(a0"), &operand));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_words),
        cmocka_unit_test(c_library),
        cmocka_unit_test(halves_of_addresses),
        cmocka_unit_test(far_jumps_are_one),
        cmocka_unit_test(control),
        cmocka_unit_test(jumps_lead_there),
        cmocka_unit_test(calls_end_in_place),
        cmocka_unit_test(instructions_move),
        cmocka_unit_test(saves_and_restores),
        cmocka_unit_test(skips_by_number),
        cmocka_unit_test(system_calls),
        cmocka_unit_test(operands_of_probes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
