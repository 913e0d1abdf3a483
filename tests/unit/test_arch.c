// test_arch.c: what every machine promises, and the decoders of x86-64 over
// the code that is mapped into this very process.
//
// The quick pass and the full decoder share nothing but the bytes: one reads
// tables of its own, the other asks Zydis. Where both know an instruction,
// they must say the same.

#include <link.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "arch/arch.h"

static const struct arch *x86(void) {
    return arch_by_name(STR("x86_64"));
}

static void machines_are_found(void **state) {
    (void)state;
    size_t count;
    const struct arch *const *table = arch_table(&count);
    assert_true(count > 0);
    for (size_t i = 0; i < count; i++) {
        const struct arch *arch = table[i];
        assert_ptr_equal(arch_by_name(str_from(arch->name)), arch);
        assert_ptr_equal(
            arch_by_elf(arch->elf_machine, arch->bits, arch->order), arch);
        assert_true(arch->abi.sp < arch->reg_count);
        assert_true(arch->jumps[arch->jump_count - 1].len <= 32);
    }
    assert_null(arch_by_name(STR("vax")));
    assert_null(arch_by_elf(0xffff, 64, ORDER_LITTLE));
    assert_null(arch_by_elf(x86()->elf_machine, 32, ORDER_LITTLE));
}

static void system_calls_have_one_name(void **state) {
    (void)state;
    const struct arch *arch = x86();
    uint32_t number;
    assert_string_equal(arch_syscall_name(arch, 0), "read");
    assert_string_equal(arch_syscall_name(arch, 231), "exit_group");
    assert_string_equal(arch_syscall_name(arch, 262), "newfstatat");
    assert_string_equal(arch_syscall_name(arch, 334), "rseq");
    assert_string_equal(arch_syscall_name(arch, 462), "mseal");
    assert_null(arch_syscall_name(arch, 400));
    assert_true(arch_syscall_number(arch, STR("pread64"), &number));
    assert_int_equal(number, 17);
    assert_false(arch_syscall_number(arch, STR("pread"), &number));
    for (const struct syscall_row *row = arch->syscalls; row[1].name; row++)
        assert_true(row[0].number < row[1].number);
}

static void jumps_reach(void **state) {
    (void)state;
    const struct arch *arch = x86();
    const uint64_t at = 0x400000;
    assert_int_equal(arch_reach(arch, at, at + 129, 5)->len, 2);
    assert_int_equal(arch_reach(arch, at, at + 130, 5)->len, 5);
    assert_int_equal(arch_reach(arch, at, at - 126, 2)->len, 2);
    assert_null(arch_reach(arch, at, at - 127, 4));
    assert_null(arch_reach(arch, at, at + ((uint64_t)1 << 40), 99));
    assert_non_null(arch_reach(arch, at, at + INT32_MAX + 5, 5));
    assert_null(arch_reach(arch, at, at + INT32_MAX + 6u, 5));
    assert_true(arch_reloc(arch, 4)->pc_relative);
    assert_null(arch_reloc(arch, 1)); // absolute: not position independent
}

// A few instructions in full.

#define CODE(...)                                                              \
    {(const uint8_t[]){__VA_ARGS__}, sizeof((uint8_t[]){__VA_ARGS__})}

enum { VA = 0x1000, FLAGS_BIT = 1 << 16, VECTOR_BIT = 1 << 17 };
enum { RAX = 1, RCX = 2, RDX = 4, RBX = 8, RSP = 16, RDI = 128 };

struct example {
    const char *text;
    struct slice code;
    uint8_t kind;
    uint16_t flags;
    uint64_t target, pc_value;
    regset reads, writes, clobbers;
};

enum { BRANCH = INSN_PC_RELATIVE };

static const struct example examples[] = {
    {"nop", CODE(0x90), INSN_PLAIN, INSN_PADDING, 0, 0, 0, 0, 0},
    {"nopw cs:0(rax,rax)", CODE(0x66, 0x2e, 0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0),
     INSN_PLAIN, INSN_PADDING, 0, 0, 0, 0, 0},
    {"int3", CODE(0xcc), INSN_STOP, INSN_PADDING, 0, 0, 0, 0, 0},
    {"ud2", CODE(0x0f, 0x0b), INSN_STOP, 0, 0, 0, 0, 0, 0},
    {"endbr64", CODE(0xf3, 0x0f, 0x1e, 0xfa), INSN_PLAIN, INSN_LANDING, 0, 0, 0,
     0, 0},
    {"xor eax,eax", CODE(0x31, 0xc0), INSN_PLAIN, 0, 0, 0, 0, RAX | FLAGS_BIT,
     RAX | FLAGS_BIT},
    {"xor al,al", CODE(0x30, 0xc0), INSN_PLAIN, 0, 0, 0, RAX, FLAGS_BIT,
     RAX | FLAGS_BIT},
    {"inc ecx", CODE(0xff, 0xc1), INSN_PLAIN, 0, 0, 0, RCX, RCX,
     RCX | FLAGS_BIT},
    {"mov cl,dl", CODE(0x88, 0xd1), INSN_PLAIN, 0, 0, 0, RCX | RDX, 0, RCX},
    {"mov ecx,edx", CODE(0x89, 0xd1), INSN_PLAIN, 0, 0, 0, RDX, RCX, RCX},
    {"cmove ecx,edx", CODE(0x0f, 0x44, 0xca), INSN_PLAIN, 0, 0, 0,
     RDX | FLAGS_BIT, 0, RCX},
    {"shl ecx,cl", CODE(0xd3, 0xe1), INSN_PLAIN, 0, 0, 0, RCX, RCX,
     RCX | FLAGS_BIT},
    {"shl ecx,3", CODE(0xc1, 0xe1, 3), INSN_PLAIN, 0, 0, 0, RCX,
     RCX | FLAGS_BIT, RCX | FLAGS_BIT},
    {"bsf ecx,edx", CODE(0x0f, 0xbc, 0xca), INSN_PLAIN, 0, 0, 0, RDX, 0,
     RCX | FLAGS_BIT},
    {"scasb", CODE(0xae), INSN_PLAIN, 0, 0, 0, RAX | RDI, FLAGS_BIT,
     RDI | FLAGS_BIT},
    {"push rax", CODE(0x50), INSN_PLAIN, INSN_USES_SP | INSN_SP_VALUE, 0, 0,
     RAX | RSP, RSP, RSP},
    {"mov eax,-8(rsp)", CODE(0x8b, 0x44, 0x24, 0xf8), INSN_PLAIN,
     INSN_USES_SP | INSN_BELOW_SP, 0, 0, RSP, RAX, RAX},
    {"lea rdi,2(rip)", CODE(0x48, 0x8d, 0x3d, 2, 0, 0, 0), INSN_PLAIN,
     INSN_PC_RELATIVE | INSN_TAKES_ADDRESS, 0, VA + 9, 0, RDI, RDI},
    {"movaps xmm0,2(rip)", CODE(0x0f, 0x28, 0x05, 2, 0, 0, 0), INSN_PLAIN,
     INSN_PC_RELATIVE, 0, VA + 9, VECTOR_BIT, 0, VECTOR_BIT},
    {"jmp", CODE(0xeb, 0xfe), INSN_JUMP, BRANCH, VA, 0, 0, 0, 0},
    {"jne", CODE(0x75, 0x10), INSN_JUMP_COND, BRANCH, VA + 18, 0, FLAGS_BIT, 0,
     0},
    {"jrcxz", CODE(0xe3, 0x10), INSN_JUMP_COND, BRANCH, VA + 18, 0, RCX, 0, 0},
    {"loop", CODE(0xe2, 0x10), INSN_JUMP_COND, BRANCH, VA + 18, 0, RCX, RCX,
     RCX},
    {"call", CODE(0xe8, 0, 1, 0, 0), INSN_CALL,
     BRANCH | INSN_USES_SP | INSN_SP_VALUE, VA + 261, 0, RSP, RSP, RSP},
    // As linkers write them: a call relaxed, and one to __tls_get_addr.
    {"addr32 call", CODE(0x67, 0xe8, 0, 1, 0, 0), INSN_CALL,
     BRANCH | INSN_USES_SP | INSN_SP_VALUE, VA + 262, 0, RSP, RSP, RSP},
    {"data16 rex.W call", CODE(0x66, 0x48, 0xe8, 0, 1, 0, 0), INSN_CALL,
     BRANCH | INSN_USES_SP | INSN_SP_VALUE, VA + 263, 0, RSP, RSP, RSP},
    {"bnd ret", CODE(0xf2, 0xc3), INSN_RETURN, INSN_USES_SP | INSN_SP_VALUE, 0,
     0, RSP, RSP, RSP},
    {"rep ret", CODE(0xf3, 0xc3), INSN_RETURN, INSN_USES_SP | INSN_SP_VALUE, 0,
     0, RSP, RSP, RSP},
    {"ret 8", CODE(0xc2, 8, 0), INSN_RETURN, INSN_USES_SP | INSN_SP_VALUE, 0, 0,
     RSP, RSP, RSP},
    {"notrack jmp *rax", CODE(0x3e, 0xff, 0xe0), INSN_JUMP_INDIRECT, 0, 0, 0,
     RAX, 0, 0},
    {"call *rbx", CODE(0xff, 0xd3), INSN_CALL_INDIRECT,
     INSN_USES_SP | INSN_SP_VALUE, 0, 0, RBX | RSP, RSP, RSP},
    {"xbegin", CODE(0xc7, 0xf8, 0x10, 0, 0, 0), INSN_JUMP_COND, BRANCH, VA + 22,
     0, 0, 0, RAX},
};

static void examples_decode(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(examples); i++) {
        const struct example *want = &examples[i];
        struct code code = {want->code, VA, 0};
        struct insn got;
        regset parts = x86()->abi.flag_parts; // see flags_in_parts
        if (!x86()->decode(&code, &got) || got.kind != want->kind ||
            got.len != want->code.n || got.flags != want->flags ||
            got.target != want->target || got.pc_value != want->pc_value ||
            (got.reads & ~parts) != want->reads ||
            (got.writes & ~parts) != want->writes ||
            (got.clobbers & ~parts) != want->clobbers)
            fail_msg("%s: len %u kind %u flags %#x target %#lx pc %#lx reads "
                     "%#lx writes %#lx clobbers %#lx",
                     want->text, got.len, got.kind, got.flags, got.target,
                     got.pc_value, got.reads, got.writes, got.clobbers);
    }
}

static struct insn decode(struct slice bytes) {
    struct insn insn;
    x86()->decode(&(struct code){bytes, VA, 0}, &insn);
    return insn;
}

static void flags_in_parts(void **state) {
    (void)state;
    const regset parts = x86()->abi.flag_parts;
    struct insn inc = decode((struct slice)CODE(0xff, 0xc1));
    struct insn add = decode((struct slice)CODE(0x01, 0xc8));
    struct insn adc = decode((struct slice)CODE(0x11, 0xc8));
    struct insn sahf = decode((struct slice)CODE(0x9e));
    struct insn shift = decode((struct slice)CODE(0xd3, 0xe1)); // by cl
    regset carry = adc.reads & parts;
    assert_int_equal(__builtin_popcountll(parts), 6);
    assert_int_equal(__builtin_popcountll(carry), 1);
    assert_int_equal(add.writes & parts, parts);
    assert_int_equal(inc.writes & parts, parts & ~carry);
    assert_int_equal(__builtin_popcountll(sahf.writes & parts), 5);
    assert_int_equal(shift.writes & parts, 0);
    assert_int_equal(shift.clobbers & parts, parts);
}

static void constants_and_tables(void **state) {
    (void)state;
    struct insn insn = decode((struct slice)CODE(0xb8, 0xe7, 0, 0, 0));
    assert_int_equal(insn.const_reg, 0); // mov $231,%eax
    assert_int_equal(insn.const_value, 231);
    insn = decode((struct slice)CODE(0x48, 0xc7, 0xc1, 0xff, 0xff, 0xff, 0xff));
    assert_int_equal(insn.const_reg, 1); // mov $-1,%rcx
    assert_int_equal(insn.const_value, UINT64_MAX);
    insn = decode((struct slice)CODE(0x44, 0x89, 0xe0)); // mov %r12d,%eax
    assert_int_equal(insn.copy_reg, 12);
    assert_int_equal(insn.const_value, UINT32_MAX);
    insn = decode((struct slice)CODE(0x31, 0xff)); // xor %edi,%edi
    assert_int_equal(insn.const_reg, 7);
    assert_int_equal(insn.const_value, 0);
    // jmp *0x404000(,%rax,8)
    insn = decode((struct slice)CODE(0xff, 0x24, 0xc5, 0, 0x40, 0x40, 0));
    assert_int_equal(insn.table_va, 0x404000);
    assert_int_equal(insn.table_step, 8);
    insn = decode((struct slice)CODE(0x48, 0x83, 0xec, 0x18)); // sub $24,%rsp
    assert_int_equal(insn.sp_delta, -24);
    insn = decode((struct slice)CODE(0x41, 0x5c)); // pop %r12
    assert_int_equal(insn.sp_delta, 8);
}

static void what_stays(void **state) {
    (void)state;
    const struct slice stay[] = {
        CODE(0xcd, 0x80),                // int $0x80
        CODE(0x0f, 0x34),                // sysenter
        CODE(0xf4),                      // hlt
        CODE(0x67, 0x8d, 5, 0, 0, 0, 0), // lea 0(%eip),%eax
    };
    struct arena *arena = arena_new();
    struct bytes out;
    bytes_init(&out, arena, ORDER_LITTLE);
    for (size_t i = 0; i < COUNT_OF(stay); i++) {
        struct insn insn = decode(stay[i]);
        assert_true(insn.flags & INSN_IMMOVABLE);
        assert_false(x86()->move(&insn, 0x2000, 0, &out));
    }
    // Truncated, empty, and no instruction at all.
    struct insn insn = decode((struct slice)CODE(0xe8, 0, 0));
    assert_int_equal(insn.kind, INSN_UNKNOWN);
    insn = decode((struct slice){0});
    assert_int_equal(insn.kind, INSN_UNKNOWN);
    assert_int_equal(insn.len, 1);
    insn = decode((struct slice)CODE(0x06));
    assert_int_equal(insn.kind, INSN_UNKNOWN);
    assert_int_equal(insn.reads, REGSET_ALL);
    assert_false(x86()->move(&insn, 0x2000, 0, &out));
    // A branch that would have to go too far.
    insn = decode((struct slice)CODE(0x75, 0x10));
    assert_false(x86()->move(&insn, (uint64_t)1 << 40, 0, &out));
    assert_int_equal(out.n, 0);
    arena_free(arena);
}

// Both decoders over executable memory.

struct sweep {
    size_t count, refused;
};

static void compare_decoders(const struct code *code, struct insn *insn,
                             struct sweep *sweep) {
    struct insn_brief brief;
    x86()->brief(code, &brief);
    bool known = x86()->decode(code, insn);
    sweep->count++;
    if (!known || brief.len == 0) {
        sweep->refused++;
        return;
    }
    const unsigned mask =
        INSN_PC_RELATIVE | INSN_TAKES_ADDRESS | INSN_PADDING | INSN_LANDING;
    if (brief.len != insn->len || brief.kind != insn->kind ||
        brief.target != insn->target || brief.pc_value != insn->pc_value ||
        (brief.flags & mask) != (insn->flags & mask))
        fail_msg("%02x %02x %02x %02x %02x %02x: quick len %u kind %u flags "
                 "%#x, full len %u kind %u flags %#x",
                 code->bytes.p[0], code->bytes.p[1], code->bytes.p[2],
                 code->bytes.p[3], code->bytes.p[4], code->bytes.p[5],
                 brief.len, brief.kind, brief.flags, insn->len, insn->kind,
                 insn->flags);
}

static int sweep_module(struct dl_phdr_info *info, size_t size, void *data) {
    (void)size;
    enum { LONGEST = 1 << 20 };
    struct sweep *sweep = data;
    for (unsigned i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        if (segment->p_type != PT_LOAD || !(segment->p_flags & PF_X))
            continue;
        uint64_t va = info->dlpi_addr + segment->p_vaddr;
        size_t len = segment->p_memsz < LONGEST ? segment->p_memsz : LONGEST;
        struct slice bytes = {(const uint8_t *)va, len};
        while (bytes.n > 16) {
            struct code code = {bytes, va, 0};
            struct insn insn;
            compare_decoders(&code, &insn, sweep);
            va += insn.len;
            bytes = (struct slice){bytes.p + insn.len, bytes.n - insn.len};
        }
    }
    return 0;
}

static void decoders_agree(void **state) {
    (void)state;
    struct sweep sweep = {0};
    dl_iterate_phdr(sweep_module, &sweep);
    assert_true(sweep.count > 100000);
    assert_true(sweep.refused < sweep.count / 100);
}

// Any bytes: nothing may be read out of bounds, and what moves must be
// decodable at its new place.
static void any_bytes(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    uint64_t seed = 1;
    for (unsigned round = 0; round < 100000; round++) {
        uint8_t bytes[16];
        for (size_t i = 0; i < sizeof bytes; i++) {
            seed = seed * 6364136223846793005 + 1442695040888963407;
            bytes[i] = (uint8_t)(seed >> 56);
        }
        size_t len = 1 + (seed >> 40) % sizeof bytes;
        uint8_t *exact = malloc(len);
        memcpy(exact, bytes, len);
        struct code code = {{exact, len}, 0x10000, 0};
        struct insn insn;
        struct insn_brief brief;
        x86()->brief(&code, &brief);
        assert_true(brief.len <= len);
        if (x86()->decode(&code, &insn)) {
            struct bytes out;
            bytes_init(&out, arena, ORDER_LITTLE);
            int32_t bias = round % 2 ? 24 : 0;
            if (x86()->move(&insn, 0x20000, bias, &out)) {
                struct code moved = {{out.p, out.n}, 0x20000, 0};
                struct insn again;
                assert_true(x86()->decode(&moved, &again));
            }
            x86()->lock_prefix(&insn);
            x86()->skip_unless_taken(&insn, 5, &out);
            x86()->call_to_jump(&insn, 0x20000, bias, &out);
        }
        free(exact);
        if (round % 1000 == 0) {
            arena_free(arena);
            arena = arena_new();
        }
    }
    arena_free(arena);
}

static void check_operand(const char *text, struct text_operand expected) {
    struct text_operand found;
    const struct arch *arch = arch_by_name(STR("x86_64"));
    assert_true(arch->read_operand(str_from(text), &found));
    assert_int_equal(found.kind, expected.kind);
    assert_int_equal(found.bits, expected.bits);
    assert_int_equal(found.is_signed, expected.is_signed);
    assert_int_equal(found.reg, expected.reg);
    assert_int_equal(found.shift, expected.shift);
    assert_int_equal(found.index, expected.index);
    assert_int_equal(found.scale, expected.scale);
    assert_int_equal(found.value, expected.value);
    assert_true(str_equal(found.symbol, expected.symbol));
}

// Registers have the numbers of instructions: rax 0, rcx 1, rdx 2, rbx 3, rsp
// 4, rbp 5, rsi 6, rdi 7.
static void operands_are_read(void **state) {
    (void)state;
    enum { NO = REG_NONE, C = OPERAND_CONST, R = OPERAND_REG };
    enum { M = OPERAND_MEMORY };
    const struct str none = {0};
    const struct {
        const char *text;
        struct text_operand operand;
    } rows[] = {
        {"4@$5", {C, 32, false, NO, 0, NO, 1, 5, none}},
        {"-8@$-0x10", {C, 64, true, NO, 0, NO, 1, -16, none}},
        {"8@%rdi", {R, 64, false, 7, 0, NO, 1, 0, none}},
        {"-4@%esi", {R, 32, true, 6, 0, NO, 1, 0, none}},
        {"2@%ax", {R, 16, false, 0, 0, NO, 1, 0, none}},
        {"1@%bpl", {R, 8, false, 5, 0, NO, 1, 0, none}},
        {"-1@%ch", {R, 8, true, 1, 8, NO, 1, 0, none}},
        {"4@%r10d", {R, 32, false, 10, 0, NO, 1, 0, none}},
        {"%r15b", {R, 64, false, 15, 0, NO, 1, 0, none}},
        {"-4@-20(%rbp)", {M, 32, true, 5, 0, NO, 1, -20, none}},
        {"8@(%rax)", {M, 64, false, 0, 0, NO, 1, 0, none}},
        {"8@8(%rsp,%rbx,8)", {M, 64, false, 4, 0, 3, 8, 8, none}},
        {"4@16(,%rcx,4)", {M, 32, false, NO, 0, 1, 4, 16, none}},
        {"4@(%rdx,%rcx)", {M, 32, false, 2, 0, 1, 1, 0, none}},
        {"8@sym(%rip)", {M, 64, false, NO, 0, NO, 1, 0, STR("sym")}},
        {"8@sym+8(%rip)", {M, 64, false, NO, 0, NO, 1, 8, STR("sym")}},
        {"8@4+a.1(%rip)", {M, 64, false, NO, 0, NO, 1, 4, STR("a.1")}},
        {"4@sym-4(%rbx)", {M, 32, false, 3, 0, NO, 1, -4, STR("sym")}},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        check_operand(rows[i].text, rows[i].operand);
    static const char *const refused[] = {
        "",         "4@",      "3@%eax",    "8f@%xmm0", "8@%xmm0", "8@%r16",
        "8@(%rax",  "8@%rax,", "8@$",       "8@(%rip)", "8@",      "@",
        "8@%fs:16", "4@$5x",   "8@(%rax,)", "8@%"};
    struct text_operand operand;
    const struct arch *arch = arch_by_name(STR("x86_64"));
    for (size_t i = 0; i < COUNT_OF(refused); i++)
        assert_false(arch->read_operand(str_from(refused[i]), &operand));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operands_are_read),
        cmocka_unit_test(machines_are_found),
        cmocka_unit_test(system_calls_have_one_name),
        cmocka_unit_test(jumps_reach),
        cmocka_unit_test(examples_decode),
        cmocka_unit_test(flags_in_parts),
        cmocka_unit_test(constants_and_tables),
        cmocka_unit_test(what_stays),
        cmocka_unit_test(decoders_agree),
        cmocka_unit_test(any_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
