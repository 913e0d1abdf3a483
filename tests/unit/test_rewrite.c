// test_rewrite.c: rewritten programs run as before, and every site fires as
// often as control came by (rewrite_lab.h says how that is seen).

#include "rewrite_lab.h"

// --- programs -------------------------------------------------------------

// Every function takes its argument in edi and gives a result in eax; _start
// mixes the results, writes them out and exits with a part of them.
static const char *const hard =
    "  .text\n"
    ".macro function name\n"
    "  .globl \\name\n  .type \\name,@function\n\\name:\n"
    ".endm\n"
    ".macro done name\n  .size \\name,.-\\name\n.endm\n"
    ".macro try name, arg\n"
    "  mov $\\arg,%edi\n  mov $0x1234567,%eax\n  call \\name\n"
    "  rol $7,%r15\n  add %rax,%r15\n"
    ".endm\n"
    "function _start\n"
    "  xor %r15d,%r15d\n  mov $20,%r14d\n"
    "1: try loop_entry,5\n  try loop_pad,7\n  try recursive,4\n"
    "  try jump_second,3\n  try lone_ret,0\n  try lone_ret,1\n"
    "  try lone_ret,2\n  try table,0\n  try table,1\n  try table,2\n"
    "  try table,3\n  try tail,9\n  try tail_if,0\n  try tail_if,5\n"
    "  try rep_ret,1\n  try landing,6\n  try pc_relative,2\n"
    "  try sp_relative,3\n  try calls,2\n  try call_first,2\n"
    "  try sub_call,1\n  try push_call,4\n  try loops,6\n  try loop_ne,6\n"
    "  try jump_rcxz,0\n  try jump_rcxz,3\n  try red_zone,77\n"
    "  stc\n  mov $4,%edi\n  call flags_in\n  add %rax,%r15\n"
    "  clc\n  mov $4,%edi\n  call flags_in\n  add %rax,%r15\n"
    "  mov $0x77,%r11d\n  mov $4,%edi\n  call live_r11\n  add %rax,%r15\n"
    "  try strings,3\n  try tiny,1\n  try tiny_last,1\n  try bare,3\n"
    "  try stack_arg,5\n  try frame,5\n  try flags_out,5\n"
    "  adc $0,%r15\n  try self_jump,3\n  try two_blocks,4\n"
    "  try wide,3\n  try system,0\n"
    "  dec %r14d\n  jne 1b\n"
    "  push %r15\n"
    "  mov $1,%eax\n  mov $1,%edi\n  mov %rsp,%rsi\n  mov $8,%edx\n"
    "  syscall\n"
    "  pop %rdi\n  and $63,%edi\n  mov $60,%eax\n  syscall\n  hlt\n"
    "done _start\n"
    "function loop_entry\n"
    "  dec %edi\n  jne loop_entry\n  mov %edi,%eax\n  ret\n"
    "done loop_entry\n"
    "function loop_pad\n"
    "  add %edi,%eax\n  .byte 0x90\n  dec %edi\n  .byte 0x0f,0x85\n"
    "  .long loop_pad-.-4\n  ret\n"
    "done loop_pad\n"
    "function recursive\n"
    "  test %edi,%edi\n  je 1f\n  push %rbx\n  mov %edi,%ebx\n"
    "  lea -1(%rdi),%edi\n  call recursive\n  lea -2(%rbx),%edi\n"
    "  test %edi,%edi\n  jle 2f\n  call recursive\n"
    "2: add %ebx,%eax\n  pop %rbx\n  ret\n"
    "1: mov $1,%eax\n  ret\n"
    "done recursive\n"
    "function jump_second\n"
    "  inc %eax\n"
    "1: add %edi,%eax\n  dec %edi\n  jg 1b\n  ret\n"
    "done jump_second\n"
    "function lone_ret\n"
    "  lea 3(%rdi),%eax\n  cmp $1,%edi\n  je 1f\n  cmp $2,%edi\n  je 1f\n"
    "  imul %edi,%eax\n  jmp 2f\n"
    "1: ret\n"
    "2: add $5,%eax\n  jmp 1b\n"
    "done lone_ret\n"
    "function table\n"
    "  mov %edi,%eax\n  lea 9f(%rip),%rdx\n  movslq (%rdx,%rax,4),%rax\n"
    "  add %rdx,%rax\n  cmp $3,%edi\n  ja 5f\n  jmp *%rax\n"
    "1: mov $11,%eax\n  ret\n"
    "2: mov $22,%eax\n  jmp 4f\n"
    "3: mov $33,%eax\n"
    "4: add $1,%eax\n  ret\n"
    "5: mov $55,%eax\n  ret\n"
    "  .section .rodata\n  .p2align 2\n"
    "9: .long 1b-9b,2b-9b,3b-9b,4b-9b\n  .text\n"
    "done table\n"
    "function tail\n"
    "  inc %edi\n  jmp loop_entry\n"
    "done tail\n"
    "function tail_if\n"
    "  mov %edi,%eax\n  test %edi,%edi\n  jne tail\n  inc %eax\n  ret\n"
    "done tail_if\n"
    "function rep_ret\n"
    "  mov %edi,%eax\n  test %eax,%eax\n  je 1f\n  add $3,%eax\n"
    "1: rep ret\n"
    "done rep_ret\n"
    "  .p2align 4,0xcc\n"
    "function landing\n"
    "  endbr64\n"
    "1: add %edi,%eax\n  dec %edi\n  jne 1b\n  ret\n"
    "done landing\n"
    "function pc_relative\n"
    "  mov word(%rip),%eax\n  lea landing(%rip),%rdx\n  addl $1,word(%rip)\n"
    "  cmpl $7,word(%rip)\n  je 1f\n  add %edi,%eax\n"
    "1: ret\n"
    "  .data\nword: .long 5\n  .text\n"
    "done pc_relative\n"
    "function sp_relative\n"
    "  mov (%rsp),%rax\n  lea 8(%rsp),%rdx\n  sub %rsp,%rdx\n"
    "  sub (%rsp),%rax\n  add %rdx,%rax\n  push %rdi\n  mov (%rsp),%edx\n"
    "  add %rdx,%rax\n  pop %rdx\n  ret\n"
    "done sp_relative\n"
    "function calls\n"
    "  push %rbp\n  mov %rsp,%rbp\n  lea loop_entry(%rip),%rax\n"
    "  mov $3,%edi\n  call *%rax\n  mov %eax,%edi\n  add $2,%edi\n"
    "  lea tail(%rip),%rcx\n  push %rcx\n  push %rcx\n  call *8(%rsp)\n"
    "  pop %rcx\n  pop %rcx\n  mov $2,%edi\n  call *pointer(%rip)\n"
    "  mov $4,%edi\n  call loop_entry\n  leave\n  ret\n"
    "  .data\npointer: .quad recursive\n  .text\n"
    "done calls\n"
    "function call_first\n"
    "  call loop_entry\n  lea 3(%rax),%edi\n  call rep_ret\n  ret\n"
    "done call_first\n"
    "function sub_call\n"
    "  sub $8,%rsp\n  call rep_ret\n  add $8,%rsp\n  ret\n"
    "done sub_call\n"
    "function push_call\n"
    "  push %rdi\n  call rep_ret\n  pop %rdi\n  add %edi,%eax\n  ret\n"
    "done push_call\n"
    "function loops\n"
    "  mov %edi,%ecx\n"
    "1: add %ecx,%eax\n  loop 1b\n  ret\n"
    "done loops\n"
    "function loop_ne\n"
    "  mov %edi,%ecx\n"
    "1: add %ecx,%eax\n  cmp $3,%ecx\n  loopne 1b\n  ret\n"
    "done loop_ne\n"
    "function jump_rcxz\n"
    "  mov %edi,%ecx\n  jrcxz 1f\n  inc %eax\n  ret\n"
    "1: dec %eax\n  ret\n"
    "done jump_rcxz\n"
    "function red_zone\n"
    "  mov %rdi,-8(%rsp)\n  mov %rax,-128(%rsp)\n  xor %eax,%eax\n"
    "  add -8(%rsp),%rax\n  add -128(%rsp),%rax\n  ret\n"
    "done red_zone\n"
    "function flags_in\n"
    "  lea (%rdi,%rdi),%eax\n  adc $0,%eax\n  seto %cl\n  movzbl %cl,%ecx\n"
    "  add %ecx,%eax\n  ret\n"
    "done flags_in\n"
    "function live_r11\n"
    "  lea (%r11,%rdi),%eax\n  nop\n  mov %r11d,%edi\n  call rep_ret\n"
    "  add %r11d,%eax\n  ret\n"
    "done live_r11\n"
    "function strings\n"
    "  lea text(%rip),%rsi\n  lea buffer(%rip),%rdi\n  mov $5,%ecx\n  cld\n"
    "  rep movsb\n  mov buffer+1(%rip),%eax\n  ret\n"
    "  .data\ntext: .ascii \"hello\"\nbuffer: .zero 8\n  .text\n"
    "done strings\n"
    "  .p2align 4\n"
    "function tiny\n  ret\ndone tiny\n"
    "  .p2align 4\n"
    "function tiny_last\n  inc %eax\n  ret\ndone tiny_last\n"
    "function bare\n  ret\ndone bare\n"
    "function stack_arg\n"
    "  push %rdi\n  push $7\n  call 1f\n  add $16,%rsp\n  ret\n"
    "1: mov 8(%rsp),%rax\n  add 16(%rsp),%rax\n  ret\n"
    "done stack_arg\n"
    "function frame\n"
    "  push %rbp\n  mov %rsp,%rbp\n  sub $32,%rsp\n  mov %edi,-20(%rbp)\n"
    "  mov -20(%rbp),%edi\n  call rep_ret\n  mov %eax,-24(%rbp)\n"
    "  mov -24(%rbp),%eax\n  add -20(%rbp),%eax\n  leave\n  ret\n"
    "done frame\n"
    "function flags_out\n"
    "  mov %edi,%eax\n  cmp $6,%edi\n  ret\n"
    "done flags_out\n"
    "function self_jump\n"
    "  mov %edi,%eax\n  sub $1,%edi\n  jg self_jump\n  ret\n"
    "done self_jump\n"
    "function two_blocks\n"
    "  test $1,%dil\n  je 1f\n  inc %eax\n"
    "1: shr %edi\n  jne two_blocks\n  ret\n"
    "done two_blocks\n"
    "function wide\n"
    "  movabs $0x1122334455667788,%rax\n  add %rdi,%rax\n"
    "  movl $0x12345678,word2(%rip)\n  add word2(%rip),%eax\n  ret\n"
    "  .data\nword2: .quad 0\n  .text\n"
    "done wide\n"
    "function system\n"
    "  mov $186,%eax\n  syscall\n  test %eax,%eax\n  jle 1f\n"
    "  mov $39,%eax\n  syscall\n  mov $1,%eax\n"
    "1: ret\n"
    "done system\n";

static void check_hard(unsigned what, int stencil, size_t most_missed) {
    static const char *const kinds[] = {"-static", "-pie"};
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        struct bench *bench = bench_assemble(kinds[i], hard);
        char *argv[] = {"hard", NULL};
        add_all(bench, what);
        bench_build(bench, stencil);
        compare_runs(bench, argv);
        if (missed(bench) > most_missed)
            for (size_t k = 0; k < bench->count; k++)
                if (bench->result.sites[k].tactic == TACTIC_MISSED)
                    fprintf(stderr, "missed %.*s+%llu: %s\n",
                            STR_ARGS(bench->sites[k].function->name),
                            (unsigned long long)bench->sites[k].offset,
                            bench->result.sites[k].reason);
        assert_true(missed(bench) <= most_missed);
        bench_free(bench);
    }
}

static void counts_entries(void **state) {
    (void)state;
    check_hard(ENTRIES, COUNT, 1);
}

static void counts_returns(void **state) {
    (void)state;
    check_hard(RETURNS, COUNT, 4);
}

static void counts_system_calls(void **state) {
    (void)state;
    check_hard(SYSCALLS, COUNT, 1);
}

static void counts_everything(void **state) {
    (void)state;
    check_hard(ENTRIES | RETURNS | OFFSETS | SYSCALLS, COUNT, 60);
}

static void keeps_what_is_live(void **state) {
    (void)state;
    check_hard(ENTRIES, DESTROY, 1);
    check_hard(RETURNS | SYSCALLS, DESTROY, 5);
    check_hard(ENTRIES | RETURNS | OFFSETS, DESTROY, 60);
}

// Code from a compiler. No heap: it begins elsewhere behind added segments,
// and string functions take other ways by alignment.
static const char *const compiled =
    "#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n"
    "static int cmp(const void *a, const void *b)\n"
    "{ return *(const int *)a - *(const int *)b; }\n"
    "__attribute__((noinline)) int kind(int c) { switch (c % 9) {\n"
    "case 0: return 5; case 1: return c * 3; case 2: return c ^ 77;\n"
    "case 3: puts(\"three\"); return 1; case 4: return c - 1;\n"
    "case 5: return kind(c / 2); case 6: return -c; case 7: return 9;\n"
    "default: return 0; } }\n"
    "__attribute__((noinline)) long gcd(long a, long b)\n"
    "{ return b == 0 ? a : gcd(b, a % b); }\n"
    "int main(void) { int v[50]; unsigned x = 7; long s = 0;\n"
    "for (int i = 0; i < 50; i++) { x = x * 1103515245 + 12345;\n"
    "v[i] = x >> 20; s += kind(v[i]) + gcd(v[i], 360); }\n"
    "qsort(v, 50, sizeof v[0], cmp);\n"
    "static char t[4000], b[4096]; setvbuf(stdout, b, _IOFBF, sizeof b);\n"
    "for (int i = 0; i < 50; i++) sprintf(t + strlen(t), \"%d \", v[i]);\n"
    "printf(\"%s%ld %.3f\\n\", t, s, s / 7.0); return s & 31; }\n";

static void compiled_programs(void **state) {
    (void)state;
    static const char *const kinds[] = {"-O0", "-O2", "-O2 -static",
                                        "-Os -no-pie", "-O2 -fcf-protection"};
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        for (int stencil = 0; stencil < STENCIL_COUNT; stencil++) {
            struct bench *bench = bench_compile(kinds[i], compiled);
            char *argv[] = {"compiled", NULL};
            add_all(bench, stencil == COUNT ? ENTRIES | RETURNS
                                            : ENTRIES | RETURNS | OFFSETS);
            bench_build(bench, stencil);
            compare_runs(bench, argv);
            bench_free(bench);
        }
    }
}

int main(int argc, char **argv) {
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_entries),
        cmocka_unit_test(counts_returns),
        cmocka_unit_test(counts_system_calls),
        cmocka_unit_test(counts_everything),
        cmocka_unit_test(keeps_what_is_live),
        cmocka_unit_test(compiled_programs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
