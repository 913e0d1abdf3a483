// test_arch_ppc32.c: 32-bit PowerPC, held against LLVM's disassembler.
//
// Its text says where branches go and which registers an instruction mentions:
// over the code of a C library, and over words made at random. What the text
// does not say (fields of CR, LR and CTR) is in a table of examples.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <llvm-c/Disassembler.h>
#include <llvm-c/Support.h>
#include <llvm-c/Target.h>

#include "arch/ppc32/ppc32.h"

enum { VA = 0x10000 };

static struct insn decode_at(uint32_t word, uint64_t va, uint8_t *room) {
    struct insn insn;
    store_uint(room, word, 4, ORDER_BIG);
    arch_ppc32.decode(&(struct code){.bytes = {room, 4}, .va = va}, &insn);
    return insn;
}

// --- examples -------------------------------------------------------------

#define R(n) REG_BIT(n)

struct example {
    const char *text;
    uint32_t word;
    uint8_t kind;
    uint16_t flags;
    uint64_t target;
    regset reads, writes;
};

#define CR0 PPC_CR(0)
#define SO  PPC_OV
static const struct example examples[] = {
    {"nop", 0x60000000, INSN_PLAIN, INSN_PADDING, 0, 0, 0},
    {"addi r3,r4,1", 0x38640001, INSN_PLAIN, INSN_ADDS_OFFSET, 0, R(4), R(3)},
    {"li r3,1", 0x38600001, INSN_PLAIN, 0, 0, 0, R(3)},
    {"add. r3,r4,r5", 0x7c642a15, INSN_PLAIN, 0, 0, R(4) | R(5) | SO,
     R(3) | CR0},
    {"adde r3,r4,r5", 0x7c642914, INSN_PLAIN, 0, 0, R(4) | R(5) | PPC_CA,
     R(3) | PPC_CA},
    {"cmplwi cr7,r9,4", 0x2b890004, INSN_PLAIN, 0, 0, R(9) | SO, PPC_CR(7)},
    {"rlwinm r5,r6,2,0,29", 0x54c5103a, INSN_PLAIN, 0, 0, R(6), R(5)},
    {"rlwimi r5,r6,2,0,29", 0x50c5103a, INSN_PLAIN, 0, 0, R(5) | R(6), R(5)},
    {"mr r31,r1", 0x7c3f0b78, INSN_PLAIN, INSN_USES_SP | INSN_SP_VALUE, 0, R(1),
     R(31)},
    {"stwu r1,-32(r1)", 0x9421ffe0, INSN_PLAIN, INSN_USES_SP | INSN_SP_VALUE, 0,
     R(1), R(1)},
    {"lwz r0,36(r1)", 0x80010024, INSN_PLAIN, INSN_USES_SP, 0, R(1), R(0)},
    {"stw r0,-4(r1)", 0x9001fffc, INSN_PLAIN, INSN_USES_SP | INSN_BELOW_SP, 0,
     R(0) | R(1), 0},
    {"lwzu r9,4(r3)", 0x85230004, INSN_PLAIN, 0, 0, R(3), R(9) | R(3)},
    {"lmw r29,20(r1)", 0xbba10014, INSN_PLAIN, INSN_USES_SP, 0, R(1),
     R(29) | R(30) | R(31)},
    {"stmw r30,8(r11)", 0xbfcb0008, INSN_PLAIN, 0, 0, R(11) | R(30) | R(31), 0},
    {"mflr r0", 0x7c0802a6, INSN_PLAIN, 0, 0, R(LR), R(0)},
    {"mtctr r9", 0x7d2903a6, INSN_PLAIN, 0, 0, R(9), R(CTR)},
    {"mfxer r9", 0x7d2102a6, INSN_PLAIN, 0, 0, PPC_CA | SO, R(9)},
    {"mfcr r12", 0x7d800026, INSN_PLAIN, 0, 0, PPC_CR_ALL, R(12)},
    {"mtcrf 0x20,r12", 0x7d820120, INSN_PLAIN, 0, 0, R(12), PPC_CR(2)},
    {"cror 30,29,30", 0x4fddf382, INSN_PLAIN, 0, 0, PPC_CR(7), 0},
    {"isel r3,r4,r5,2", 0x7c64289e, INSN_PLAIN, 0, 0, R(4) | R(5) | CR0, R(3)},
    {"lwarx r4,0,r3", 0x7c801828, INSN_PLAIN, 0, 0, R(3),
     R(4) | R(RESERVATION)},
    {"stwcx. r5,0,r3", 0x7ca0192d, INSN_PLAIN, 0, 0,
     R(3) | R(5) | SO | R(RESERVATION), CR0 | R(RESERVATION)},
    {"fcmpu cr1,f1,f2", 0xfc811000, INSN_PLAIN, 0, 0, R(VECTOR), PPC_CR(1)},
    {"b .+8", 0x48000008, INSN_JUMP, INSN_PC_RELATIVE, VA + 8, 0, 0},
    {"ba 0x100", 0x48000102, INSN_JUMP, 0, 0x100, 0, 0},
    {"bl .-4", 0x4bfffffd, INSN_CALL, INSN_PC_RELATIVE, VA - 4, 0, R(LR)},
    {"bla 0x100", 0x48000103, INSN_CALL, 0, 0x100, 0, R(LR)},
    {"beq cr7,.+16", 0x419e0010, INSN_JUMP_COND, INSN_PC_RELATIVE, VA + 16,
     PPC_CR(7), 0},
    {"bdnz .-8", 0x4200fff8, INSN_JUMP_COND, INSN_PC_RELATIVE, VA - 8, R(CTR),
     R(CTR)},
    {"bdnzt 2,.-8", 0x4102fff8, INSN_JUMP_COND, INSN_PC_RELATIVE, VA - 8,
     R(CTR) | CR0, R(CTR)},
    {"bc 20,0,.+8", 0x42800008, INSN_JUMP, INSN_PC_RELATIVE, VA + 8, 0, 0},
    {"beql .+8", 0x41820009, INSN_CALL,
     INSN_PC_RELATIVE | INSN_IMMOVABLE | INSN_CONDITIONAL, VA + 8, CR0, R(LR)},
    {"bcl 20,31,.+4", 0x429f0005, INSN_PLAIN,
     INSN_PC_RELATIVE | INSN_TAKES_ADDRESS, 0, 0, R(LR)},
    {"bl .+4", 0x48000005, INSN_PLAIN, INSN_PC_RELATIVE | INSN_TAKES_ADDRESS, 0,
     0, R(LR)},
    {"blr", 0x4e800020, INSN_RETURN, 0, 0, R(LR), 0},
    {"beqlr", 0x4d820020, INSN_RETURN_COND, 0, 0, R(LR) | CR0, 0},
    {"bdnzlr", 0x4e000020, INSN_RETURN_COND, 0, 0, R(LR) | R(CTR), R(CTR)},
    {"bctr", 0x4e800420, INSN_JUMP_INDIRECT, 0, 0, R(CTR), 0},
    {"bnectr", 0x4c820420, INSN_JUMP_INDIRECT_COND, 0, 0, R(CTR) | CR0, 0},
    {"bctrl", 0x4e800421, INSN_CALL_INDIRECT, 0, 0, R(CTR), R(LR)},
    {"blrl", 0x4e800021, INSN_CALL_INDIRECT, 0, 0, R(LR), R(LR)},
    {"trap", 0x7fe00008, INSN_STOP, 0, 0, R(0), 0},
    {"twnei r9,0", 0x0f090000, INSN_PLAIN, 0, 0, R(9), 0},
    {"zeroes", 0, INSN_STOP, INSN_PADDING, 0, 0, 0},
    {"sc", 0x44000002, INSN_SYSCALL, INSN_USES_SP | INSN_SP_VALUE, 0,
     REGSET_ALL & ~CR0, CR0},
    {"no instruction", 0x00000001, INSN_UNKNOWN, 0, 0, REGSET_ALL, 0},
};

static void examples_decode(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(examples); i++) {
        const struct example *want = &examples[i];
        uint8_t room[4];
        struct insn got = decode_at(want->word, VA, room);
        if (got.kind != want->kind || got.flags != want->flags ||
            got.target != want->target || got.reads != want->reads ||
            got.writes != want->writes || (got.writes & ~got.clobbers) != 0)
            fail_msg("%s: kind %u flags %#x target %#lx reads %#lx writes "
                     "%#lx clobbers %#lx",
                     want->text, got.kind, got.flags, got.target, got.reads,
                     got.writes, got.clobbers);
    }
}

static void values_are_told(void **state) {
    (void)state;
    uint8_t room[4];
    struct insn li = decode_at(0x38000004, VA, room);
    assert_int_equal(li.const_reg, 0);
    assert_int_equal(li.const_value, 4);
    struct insn lis = decode_at(0x3d208000, VA, room);
    assert_int_equal(lis.const_reg, 9);
    assert_int_equal(lis.const_value, 0x80000000);
    struct insn mr = decode_at(0x7c691b78, VA, room);
    assert_int_equal(mr.const_reg, 9);
    assert_int_equal(mr.copy_reg, 3);
    struct insn mask = decode_at(0x5463063e, VA, room); // clrlwi r3,r3,24
    assert_int_equal(mask.copy_reg, 3);
    assert_int_equal(mask.const_value, 0xff);
    struct insn frame = decode_at(0x9421ffe0, VA, room);
    assert_int_equal(frame.sp_delta, -32);
    struct insn back = decode_at(0x38210020, VA, room);
    assert_int_equal(back.sp_delta, 32);
    struct insn pc = decode_at(0x429f0005, VA, room);
    assert_int_equal(pc.const_reg, LR);
    assert_int_equal(pc.const_value, VA + 4);
}

// --- against LLVM ---------------------------------------------------------

static LLVMDisasmContextRef oracle;

static int start_oracle(void **state) {
    (void)state;
    static const char *const options[] = {"test", "-ppc-asm-full-reg-names"};
    LLVMParseCommandLineOptions(2, options, "");
    LLVMInitializePowerPCTargetInfo();
    LLVMInitializePowerPCTargetMC();
    LLVMInitializePowerPCDisassembler();
    oracle = LLVMCreateDisasmCPUFeatures("powerpc-unknown-linux-gnu", "pwr9",
                                         "", NULL, 0, NULL, NULL);
    return oracle == NULL;
}

static int stop_oracle(void **state) {
    (void)state;
    LLVMDisasmDispose(oracle);
    return 0;
}

// False: not an instruction.
static bool ask(const uint8_t *bytes, uint64_t va, char *text, size_t room) {
    uint8_t copy[4];
    memcpy(copy, bytes, sizeof copy);
    return LLVMDisasmInstruction(oracle, copy, sizeof copy, va, text, room) ==
           4;
}

// General registers that a text mentions.
static regset mentioned(const char *text) {
    regset set = 0;
    for (const char *p = text; *p; p++) {
        if (*p != 'r' || p == text || !strchr(" \t(", p[-1]))
            continue;
        char *end;
        unsigned long number = strtoul(p + 1, &end, 10);
        if (end > p + 1 && number < 32)
            set |= REG_BIT(number);
    }
    return set;
}

static const char *mnemonic_end(const char *text) {
    while (*text == '\t')
        text++;
    return text + strcspn(text, "\t ");
}

static bool is_mnemonic(const char *text, const char *prefix) {
    text += strspn(text, "\t ");
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

// What goes nowhere but writes no general register named first.
static bool writes_first(const char *text) {
    static const char *const none[] = {"st",   "cmpw", "cmpl", "cmpr",  "cmpeq",
                                       "tw",   "mt",   "dcb",  "icb",   "dst",
                                       "trap", "tlb",  "lv",   "ev",    "b",
                                       "wrt",  "slb",  "cp_",  "paste", "twl"};
    for (size_t i = 0; i < COUNT_OF(none); i++)
        if (is_mnemonic(text, none[i]))
            return false;
    const char *operand = mnemonic_end(text);
    operand += strspn(operand, "\t ");
    return operand[0] == 'r' && operand[1] >= '0' && operand[1] <= '9';
}

struct tally {
    unsigned both, only_llvm, only_ours;
    char missed[64];
};

// The absolute target, or the distance, that a branch's text ends with.
static bool target_of(const char *text, uint64_t va, uint64_t *target) {
    const char *last = strrchr(text, ' ');
    const char *tab = strrchr(text, '\t');
    last = last && last > tab ? last : tab;
    if (!last)
        return false;
    bool relative = last[1] == '.';
    char *end;
    long value = strtol(last + 1 + (relative ? 1 : 0), &end, 0);
    if (*end != '\0' || end == last + 1)
        return false;
    *target = (uint32_t)(value + (relative ? (long)va : 0));
    return true;
}

static void check_branch(const struct insn *insn, const char *text) {
    uint64_t target = 0;
    bool is_branch = insn->kind == INSN_JUMP || insn->kind == INSN_CALL ||
                     insn->kind == INSN_JUMP_COND ||
                     (insn->flags & INSN_TAKES_ADDRESS);
    static const char *const others[] = {"bpermd", "br",   "bcd",
                                         "bcctr",  "bclr", "bctar"};
    bool branches = is_mnemonic(text, "b") && target_of(text, VA, &target);
    for (size_t i = 0; i < COUNT_OF(others); i++)
        branches &= !is_mnemonic(text, others[i]);
    if (is_branch != branches)
        fail_msg("%s: kind %u", text, insn->kind);
    uint64_t got =
        insn->flags & INSN_TAKES_ADDRESS ? insn->pc_value : insn->target;
    if (is_branch && got != target)
        fail_msg("%s: target %#lx", text, got);
}

static void check_registers(const struct insn *insn, const char *text) {
    enum { GENERAL_BITS = 32 };
    const regset general = ((regset)1 << GENERAL_BITS) - 1;
    uint32_t word = (uint32_t)load_uint(insn->bytes, 4, ORDER_BIG);
    unsigned opcode = word >> 26;
    regset want = mentioned(text), got = (insn->reads | insn->clobbers);
    got &= general;
    if (want & ~got)
        fail_msg("%s: only registers %#lx", text, got);
    // An update of no register is no instruction, whatever LLVM says.
    if (strstr(text, "(0)") || (strstr(text, "ux r") && strstr(text, " 0, ")))
        return;
    bool exact = opcode != 4 && opcode != 46 && opcode != 47 && opcode != 60 &&
                 insn->kind != INSN_SYSCALL && insn->kind != INSN_STOP &&
                 insn->reads != REGSET_ALL;
    if (exact && (got & ~want & ~(regset)1))
        fail_msg("%s: too many registers, %#lx", text, got);
    if (!exact)
        return;
    if (writes_first(text) && insn->kind == INSN_PLAIN) {
        const char *first = mnemonic_end(text);
        regset set =
            REG_BIT(strtoul(first + strspn(first, "\t ") + 1, NULL, 10));
        if (!(insn->writes & set))
            fail_msg("%s: does not write", text);
        if (insn->writes & general & ~set & ~mentioned(text))
            fail_msg("%s: writes %#lx", text, insn->writes);
    } else if ((insn->writes & general) && !strchr(text, 'u') && opcode != 46) {
        fail_msg("%s: writes %#lx", text, insn->writes);
    }
}

static void compare(const uint8_t *bytes, struct tally *tally) {
    char text[128];
    struct insn insn;
    bool known = ask(bytes, VA, text, sizeof text);
    struct code code = {.bytes = {bytes, 4}, .va = VA};
    bool ours = arch_ppc32.decode(&code, &insn);
    if (known && ours) {
        tally->both++;
        check_branch(&insn, text);
        check_registers(&insn, text);
    } else if (known) {
        tally->only_llvm++;
        memcpy(tally->missed, text, sizeof tally->missed);
        tally->missed[sizeof tally->missed - 1] = '\0';
        if (getenv("SHOW"))
            print_message("missed %s\n", text);
    } else if (ours) {
        tally->only_ours++;
        if (getenv("SHOW"))
            print_message("ours %08lx\n", load_uint(bytes, 4, ORDER_BIG));
    }
}

static void random_words(void **state) {
    (void)state;
    struct tally tally = {0};
    uint64_t seed = 1;
    for (unsigned i = 0; i < 400000; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        uint8_t bytes[4];
        store_uint(bytes, seed >> 32, 4, ORDER_BIG);
        compare(bytes, &tally);
    }
    // LLVM takes the instructions of 64-bit processors, and does not know the
    // signal processing of e500.
    assert_true(tally.both > 200000);
    assert_true(tally.only_llvm < 40000);
}

#define LIBRARY "/usr/powerpc-linux-gnu/lib/libc.so.6"

static uint32_t half(const uint8_t *at) {
    return (uint32_t)load_uint(at, 2, ORDER_BIG);
}

static uint32_t word_at(const uint8_t *at) {
    return (uint32_t)load_uint(at, 4, ORDER_BIG);
}

// The code of the C library of Debian's cross compiler.
static void library_code(void **state) {
    (void)state;
    enum { SHOFF = 32, SHENTSIZE = 46, SHNUM = 48 };
    enum { FLAGS_AT = 8, OFFSET_AT = 16, SIZE_AT = 20, EXECUTABLE = 4 };
    struct diag diag;
    struct file file;
    diag_init(&diag, stderr, "test");
    if (!file_open(&file, LIBRARY, &diag)) {
        print_message("no " LIBRARY " (libc6-powerpc-cross)\n");
        skip();
    }
    const uint8_t *image = file.data.p;
    struct tally tally = {0};
    for (uint32_t i = 0; i < half(image + SHNUM); i++) {
        const uint8_t *section =
            image + word_at(image + SHOFF) + i * half(image + SHENTSIZE);
        if (!(word_at(section + FLAGS_AT) & EXECUTABLE))
            continue;
        const uint8_t *code = image + word_at(section + OFFSET_AT);
        for (uint32_t at = 0; at + 4 <= word_at(section + SIZE_AT); at += 4)
            compare(code + at, &tally);
    }
    file_close(&file);
    assert_true(tally.both > 100000);
    if (tally.only_llvm > 0)
        fail_msg("not decoded: %s", tally.missed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(examples_decode),
        cmocka_unit_test(values_are_told),
        cmocka_unit_test(random_words),
        cmocka_unit_test(library_code),
    };
    return cmocka_run_group_tests(tests, start_oracle, stop_oracle);
}
