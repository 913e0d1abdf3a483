// test_arch_aarch64.c: the decoder of AArch64 against LLVM's disassembler.
//
// The rows of table.c were written from the manual, LLVM's are the vendor's
// own. Over random words, and over the code of a C library for the machine,
// both must agree on what is an instruction, on where branches go and what is
// relative to the pc, and on the registers: what LLVM prints is what ours says
// is read or changed, the first operand being changed if the mnemonic says so.

#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <llvm-c/Disassembler.h>
#include <llvm-c/Target.h>

#include "arch/arch.h"

enum { VA = 0x40000000, SP = 31, LINK = 30 };

static const struct arch *a64(void) {
    return arch_by_name(STR("aarch64"));
}

struct fixture {
    LLVMDisasmContextRef llvm;
    size_t count, opaque; // instructions LLVM knows; those ours knows little of
};

// One instruction as LLVM prints it.
struct printed {
    char text[200];
    char name[32];   // mnemonic
    const char *end; // of the mnemonic
};

static bool print_word(struct fixture *fixture, uint32_t word,
                       struct printed *printed) {
    uint8_t bytes[4];
    store_uint(bytes, word, 4, ORDER_LITTLE);
    if (LLVMDisasmInstruction(fixture->llvm, bytes, 4, VA, printed->text,
                              sizeof printed->text) != 4)
        return false;
    const char *p = printed->text + strspn(printed->text, "\t ");
    size_t n = strcspn(p, "\t ");
    if (n >= sizeof printed->name)
        n = sizeof printed->name - 1;
    memcpy(printed->name, p, n);
    printed->name[n] = '\0';
    printed->end = p + n;
    return true;
}

static bool is_one_of(const char *name, const char *words) {
    size_t n = strlen(name);
    for (const char *p = words; (p = strstr(p, name)); p += n)
        if ((p == words || p[-1] == ' ') && (p[n] == ' ' || p[n] == '\0'))
            return true;
    return false;
}

static bool starts(const char *name, const char *prefix) {
    return strncmp(name, prefix, strlen(prefix)) == 0;
}

static bool is_name_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '_' || c == '.' || c == ':';
}

// The general registers in the operands; *first: of the first operand, or
// REG_NONE, and *others: of those behind it.
static regset printed_registers(const struct printed *printed, uint8_t *first,
                                regset *others) {
    regset all = 0;
    bool in_first = true;
    *first = REG_NONE;
    *others = 0;
    for (const char *p = printed->end; *p;) {
        if (!is_name_char(*p)) {
            in_first &= *p != ',';
            p++;
            continue;
        }
        const char *end = p;
        while (is_name_char(*end))
            end++;
        size_t n = (size_t)(end - p);
        uint8_t reg = REG_NONE;
        if ((n == 2 && !strncmp(p, "sp", 2)) ||
            (n == 3 && !strncmp(p, "wsp", 3)))
            reg = SP;
        else if ((*p == 'x' || *p == 'w') && n >= 2 && n <= 3 &&
                 strspn(p + 1, "0123456789") == n - 1)
            reg = (uint8_t)atoi(p + 1);
        if (reg != REG_NONE) {
            all |= REG_BIT(reg);
            if (in_first && *first == REG_NONE)
                *first = reg;
            else
                *others |= REG_BIT(reg);
        }
        p = end;
    }
    return all;
}

static uint8_t printed_kind(const char *name) {
    static const struct {
        const char *names;
        uint8_t kind;
    } rows[] = {
        {"b", INSN_JUMP},
        {"bl", INSN_CALL},
        {"cbz cbnz tbz tbnz", INSN_JUMP_COND},
        {"br braa brab braaz brabz", INSN_JUMP_INDIRECT},
        {"blr blraa blrab blraaz blrabz", INSN_CALL_INDIRECT},
        {"ret retaa retab eret eretaa eretab drps retaasppc retabsppc "
         "retaasppcr retabsppcr",
         INSN_RETURN},
        {"svc", INSN_SYSCALL},
        {"brk udf", INSN_STOP},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (is_one_of(name, rows[i].names))
            return rows[i].kind;
    bool conditional = starts(name, "b.") || starts(name, "bc.");
    return conditional ? INSN_JUMP_COND : INSN_PLAIN;
}

// ldadd and its like: what is added comes first.
static bool is_atomic(const char *name) {
    static const char *const names[] = {"ldadd",  "ldclr",  "ldeor",  "ldset",
                                        "ldsmax", "ldsmin", "ldumax", "ldumin",
                                        "swp",    "rcw"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (starts(name, names[i]))
            return true;
    return false;
}

// Whether the first operand is not, or not only, a result.
static bool reads_first(const char *name) {
    return starts(name, "st") || starts(name, "prf") || starts(name, "rprf") ||
           starts(name, "gcss") || is_atomic(name) ||
           is_one_of(name, "cmp cmn tst ccmp ccmn cmpp msr dc ic at cfp dvp "
                           "cpp cosp sys wfet wfit setf8 setf16 rmif ret "
                           "tlbi brb trcit");
}

// The number behind the last '#'.
static bool last_number(const struct printed *printed, int64_t *number) {
    const char *p = strrchr(printed->text, '#');
    if (p)
        *number = strtoll(p + 1, NULL, 0);
    return p != NULL;
}

static void refuse(const struct printed *printed, uint32_t word,
                   const struct insn *insn, const char *why) {
    fail_msg("%08x %s: %s; kind %u flags %#x target %#lx pc %#lx reads %#lx "
             "writes %#lx clobbers %#lx",
             word, printed->text, why, insn->kind, insn->flags, insn->target,
             insn->pc_value, insn->reads, insn->writes, insn->clobbers);
}

static void check_control(const struct printed *printed, uint32_t word,
                          const struct insn *insn) {
    int64_t number = 0;
    uint8_t kind = printed_kind(printed->name);
    bool is_halt = is_one_of(printed->name, "hlt");
    if (!is_halt && kind != insn->kind)
        refuse(printed, word, insn, "kind");
    bool direct =
        kind == INSN_JUMP || kind == INSN_CALL || kind == INSN_JUMP_COND;
    if (direct && (!last_number(printed, &number) ||
                   insn->target != VA + (uint64_t)number))
        refuse(printed, word, insn, "target");
    bool literal = is_one_of(printed->name, "ldr ldrsw prfm adr adrp") &&
                   !strchr(printed->text, '[');
    uint64_t value = 0;
    if (literal) {
        last_number(printed, &number);
        value = VA + (uint64_t)number;
    }
    if (value != insn->pc_value)
        refuse(printed, word, insn, "address");
    bool fixed = strstr(printed->name, "sppc") != NULL;
    if (!fixed &&
        (direct || value != 0) != ((insn->flags & INSN_PC_RELATIVE) != 0))
        refuse(printed, word, insn, "relative to the pc");
}

static bool is_hint(const char *name) {
    return is_one_of(name, "hint nop paciasp pacibsp autiasp autibsp paciaz "
                           "pacibz autiaz autibz pacia1716 pacib1716 "
                           "autia1716 autib1716 xpaclri chkfeat");
}

static void check_registers(const struct printed *printed, uint32_t word,
                            const struct insn *insn) {
    uint8_t first;
    regset general = a64()->abi.general | REG_BIT(SP), others;
    regset all = printed_registers(printed, &first, &others);
    regset used = (insn->reads | insn->clobbers) & general;
    if (insn->kind == INSN_CALL || insn->kind == INSN_CALL_INDIRECT ||
        insn->kind == INSN_RETURN)
        used &= ~(REG_BIT(LINK) | REG_BIT(SP)), all &= ~REG_BIT(LINK);
    if (insn->kind == INSN_SYSCALL || is_hint(printed->name))
        return;
    bool scalable = (word >> 25 & 15) == 2; // only where registers may be
    if (scalable ? all & ~used : used != all)
        refuse(printed, word, insn, "registers");
    if (others & ~REG_BIT(LINK) & ~(insn->reads | insn->writes))
        refuse(printed, word, insn, "operands");
    if (first == REG_NONE || insn->kind != INSN_PLAIN)
        return;
    if (reads_first(printed->name) ? !(insn->reads & REG_BIT(first))
                                   : !(insn->writes & REG_BIT(first)))
        if (!starts(printed->name, "stxr") && !starts(printed->name, "stlx") &&
            !starts(printed->name, "stxp"))
            refuse(printed, word, insn, "first operand");
}

static void check_word(struct fixture *fixture, uint32_t word) {
    struct printed printed;
    uint8_t bytes[4];
    store_uint(bytes, word, 4, ORDER_LITTLE);
    struct code code = {{bytes, 4}, VA, 0};
    struct insn insn;
    struct insn_brief brief;
    bool known = a64()->decode(&code, &insn);
    a64()->brief(&code, &brief);
    assert_int_equal(insn.len, 4);
    assert_int_equal(brief.len, known ? 4 : 0);
    assert_int_equal(insn.writes & ~insn.clobbers, 0);
    if (known) {
        assert_int_equal(brief.kind, insn.kind);
        assert_int_equal(brief.target, insn.target);
        const unsigned mask =
            INSN_PC_RELATIVE | INSN_TAKES_ADDRESS | INSN_PADDING | INSN_LANDING;
        assert_int_equal(brief.flags & mask, insn.flags & mask);
    }
    if (!print_word(fixture, word, &printed))
        return;
    fixture->count++;
    if (!known)
        refuse(&printed, word, &insn, "not known");
    check_control(&printed, word, &insn);
    if ((insn.reads & a64()->abi.general) == a64()->abi.general)
        fixture->opaque++;
    else
        check_registers(&printed, word, &insn);
}

static int set_up(void **state) {
    struct fixture *fixture = calloc(1, sizeof *fixture);
    LLVMInitializeAArch64TargetInfo();
    LLVMInitializeAArch64TargetMC();
    LLVMInitializeAArch64Disassembler();
    fixture->llvm = LLVMCreateDisasmCPUFeatures("aarch64-unknown-linux-gnu", "",
                                                "+all", NULL, 0, NULL, NULL);
    assert_non_null(fixture->llvm);
    LLVMSetDisasmOptions(fixture->llvm, LLVMDisassembler_Option_PrintImmHex);
    *state = fixture;
    return 0;
}

static int tear_down(void **state) {
    struct fixture *fixture = *state;
    LLVMDisasmDispose(fixture->llvm);
    free(fixture);
    return 0;
}

static void random_words(void **state) {
    struct fixture *fixture = *state;
    uint64_t seed = 1;
    for (unsigned i = 0; i < 400000; i++) {
        seed = seed * 6364136223846793005 + 1442695040888963407;
        check_word(fixture, (uint32_t)(seed >> 32));
    }
    assert_true(fixture->count > 100000);
}

// The executable sections of a file.
static void code_of_library(void **state) {
    struct fixture *fixture = *state;
    const char *path = "/usr/aarch64-linux-gnu/lib/libc.so.6";
    struct diag diag;
    struct file file;
    diag_init(&diag, stderr, "test");
    if (access(path, R_OK) != 0) {
        print_message("no %s\n", path);
        skip();
    }
    assert_true(file_open(&file, path, &diag));
    const Elf64_Ehdr *header = (const Elf64_Ehdr *)file.data.p;
    const Elf64_Phdr *segments =
        (const Elf64_Phdr *)(file.data.p + header->e_phoff);
    for (unsigned i = 0; i < header->e_phnum; i++) {
        if (segments[i].p_type != PT_LOAD || !(segments[i].p_flags & PF_X))
            continue;
        const uint8_t *bytes = file.data.p + segments[i].p_offset;
        for (size_t at = 0; at + 4 <= segments[i].p_filesz; at += 4)
            check_word(fixture,
                       (uint32_t)load_uint(bytes + at, 4, ORDER_LITTLE));
    }
    file_close(&file);
    print_message("%zu instructions, %zu opaque\n", fixture->count,
                  fixture->opaque);
    assert_true(fixture->count > 200000);
    assert_true(fixture->opaque < fixture->count / 50); // SVE
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(random_words, set_up, tear_down),
        cmocka_unit_test_setup_teardown(code_of_library, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
