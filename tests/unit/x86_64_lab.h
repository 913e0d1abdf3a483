// x86_64_lab.h: a place to run pieces of x86-64 code in.
//
// The processor is the oracle. A piece of code runs from a given state of
// registers, flags, vector registers and memory, and leaves another. A fault
// ends the piece and is noted.

#ifndef X86_64_LAB_H
#define X86_64_LAB_H

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ucontext.h>

#include <cmocka.h>

#include "arch/x86_64/x86_64.h"

// The state of a machine; the harness below knows the offsets.
struct state {
    uint64_t regs[16];
    uint64_t flags;
    uint64_t pad;
    _Alignas(16) uint8_t vectors[512]; // as FXSAVE
};
_Static_assert(offsetof(struct state, flags) == 128 &&
                   offsetof(struct state, vectors) == 144,
               "the harness loads them from there");

// Globals, because code that has lost every register must reach them.
struct state run_in;
struct state run_out;
const void *run_code;
uint64_t run_host_sp;
volatile int run_fault;
uintptr_t run_block; // where the code that may fault is
void run_enter(void);
void run_exit(void);

__asm__(".text\n"
        "run_enter:\n"
        "    push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15\n"
        "    mov %rsp, run_host_sp(%rip)\n"
        "    fxrstor64 run_in+144(%rip)\n"
        "    pushq run_in+128(%rip)\n"
        "    popfq\n"
        "    mov run_in+0(%rip), %rax\n"
        "    mov run_in+8(%rip), %rcx\n"
        "    mov run_in+16(%rip), %rdx\n"
        "    mov run_in+24(%rip), %rbx\n"
        "    mov run_in+32(%rip), %rsp\n"
        "    mov run_in+40(%rip), %rbp\n"
        "    mov run_in+48(%rip), %rsi\n"
        "    mov run_in+56(%rip), %rdi\n"
        "    mov run_in+64(%rip), %r8\n"
        "    mov run_in+72(%rip), %r9\n"
        "    mov run_in+80(%rip), %r10\n"
        "    mov run_in+88(%rip), %r11\n"
        "    mov run_in+96(%rip), %r12\n"
        "    mov run_in+104(%rip), %r13\n"
        "    mov run_in+112(%rip), %r14\n"
        "    mov run_in+120(%rip), %r15\n"
        "    jmp *run_code(%rip)\n"
        "run_exit:\n"
        "    mov %rax, run_out+0(%rip)\n"
        "    mov %rcx, run_out+8(%rip)\n"
        "    mov %rdx, run_out+16(%rip)\n"
        "    mov %rbx, run_out+24(%rip)\n"
        "    mov %rsp, run_out+32(%rip)\n"
        "    mov %rbp, run_out+40(%rip)\n"
        "    mov %rsi, run_out+48(%rip)\n"
        "    mov %rdi, run_out+56(%rip)\n"
        "    mov %r8, run_out+64(%rip)\n"
        "    mov %r9, run_out+72(%rip)\n"
        "    mov %r10, run_out+80(%rip)\n"
        "    mov %r11, run_out+88(%rip)\n"
        "    mov %r12, run_out+96(%rip)\n"
        "    mov %r13, run_out+104(%rip)\n"
        "    mov %r14, run_out+112(%rip)\n"
        "    mov %r15, run_out+120(%rip)\n"
        "    mov run_host_sp(%rip), %rsp\n"
        "    pushfq\n"
        "    popq run_out+128(%rip)\n"
        "    fxsave64 run_out+144(%rip)\n"
        "    vzeroupper\n"
        "    cld\n"
        "    pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx\n"
        "    ret\n");

// One block: code here, data, code elsewhere. All within reach of another.
enum {
    PLACE_LEN = 4096,
    DATA_LEN = 16384,
    HERE = 0,
    DATA = HERE + PLACE_LEN,
    THERE = DATA + DATA_LEN + (1 << 20),
    BLOCK_LEN = THERE + PLACE_LEN
};
enum { STATUS_FLAGS = 0x8d5, FIXED_FLAGS = 0x202 };

struct lab {
    uint8_t *block;
    uint8_t data[DATA_LEN]; // what memory holds before a run
    uint64_t seed;
    struct arena *arena;
};

static inline void on_fault(int signal, siginfo_t *info, void *context) {
    (void)info;
    ucontext_t *at = context;
    uintptr_t pc = (uintptr_t)at->uc_mcontext.gregs[REG_RIP];
    if (pc - run_block >= BLOCK_LEN) {
        const struct sigaction plain = {.sa_handler = SIG_DFL};
        sigaction(signal, &plain, NULL); // a fault of the test's own
        return;
    }
    run_fault = signal;
    at->uc_mcontext.gregs[REG_RIP] = (greg_t)(uintptr_t)run_exit;
}

static inline uint64_t random_number(struct lab *lab) {
    lab->seed = lab->seed * 6364136223846793005 + 1442695040888963407;
    return lab->seed ^ lab->seed >> 29;
}

// To be called by each test: cmocka sets handlers of its own before it.
static inline struct lab *enter_lab(void **state) {
    struct sigaction action = {.sa_sigaction = on_fault,
                               .sa_flags =
                                   SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
    const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};
    for (size_t i = 0; i < COUNT_OF(signals); i++)
        sigaction(signals[i], &action, NULL);
    run_block = (uintptr_t)((struct lab *)*state)->block;
    return *state;
}

static inline int open_lab(void **state) {
    struct lab *lab = calloc(1, sizeof *lab);
    lab->block = mmap(NULL, BLOCK_LEN, PROT_READ | PROT_WRITE | PROT_EXEC,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    // What lies between would keep what was stored there.
    mprotect(lab->block + DATA + DATA_LEN, THERE - DATA - DATA_LEN, PROT_NONE);
    lab->seed = 1;
    lab->arena = arena_new();
    stack_t stack = {.ss_sp = malloc(1 << 16), .ss_size = 1 << 16};
    sigaltstack(&stack, NULL);
    *state = lab;
    return lab->block == MAP_FAILED;
}

static inline int close_lab(void **state) {
    struct lab *lab = *state;
    stack_t stack;
    const stack_t off = {.ss_flags = SS_DISABLE};
    sigaltstack(&off, &stack);
    free(stack.ss_sp);
    munmap(lab->block, BLOCK_LEN);
    arena_free(lab->arena);
    free(lab);
    return 0;
}

// Registers that point into the data, so that most accesses succeed.
static inline struct state random_state(struct lab *lab) {
    struct state s = {.flags =
                          FIXED_FLAGS | (random_number(lab) & STATUS_FLAGS)};
    uint64_t middle = (uint64_t)(uintptr_t)lab->block + DATA + DATA_LEN / 2;
    for (unsigned i = 0; i < 16; i++) {
        uint64_t r = random_number(lab);
        s.regs[i] = r % 4 == 0   ? r >> 8
                    : r % 4 == 1 ? r >> 8 & 63
                                 : middle + (r >> 8) % 512;
    }
    s.regs[RSP] = middle + (random_number(lab) & 0x1f0);
    __asm__ volatile("fxsave64 %0" : "=m"(s.vectors));
    for (unsigned i = 0; i < 256; i++) // xmm0 to xmm15
        s.vectors[160 + i] = (uint8_t)random_number(lab);
    for (size_t i = 0; i < DATA_LEN; i += 8) {
        uint64_t r = random_number(lab);
        memcpy(lab->data + i, &r, 8);
    }
    return s;
}

static inline struct state run(struct lab *lab, const struct state *s,
                               const void *code) {
    memcpy(lab->block + DATA, lab->data, DATA_LEN);
    run_in = *s;
    run_code = code;
    run_fault = 0;
    run_enter();
    return run_out;
}

static inline uint64_t va_of(const struct lab *lab, size_t off) {
    return (uint64_t)(uintptr_t)lab->block + off;
}

// Ends code with a jump to the harness. `mark` is left in the data's first
// byte, to tell ways apart.
static inline void add_exit(const struct lab *lab, struct bytes *out,
                            uint64_t at, uint8_t mark) {
    const uint8_t store[] = {0xc6, 0x05};            // movb $mark, disp(%rip)
    const uint8_t jump[] = {0xff, 0x25, 0, 0, 0, 0}; // jmp *0(%rip)
    uint64_t next = at + out->n + 7;
    bytes_add(out, store, sizeof store);
    bytes_u32(out, (uint32_t)(va_of(lab, DATA) - next));
    bytes_u8(out, mark);
    bytes_add(out, jump, sizeof jump);
    bytes_u64(out, (uint64_t)(uintptr_t)run_exit);
}

static inline const void *place(struct lab *lab, size_t off,
                                const struct bytes *code) {
    assert_true(code->n <= PLACE_LEN);
    memcpy(lab->block + off, code->p, code->n);
    return lab->block + off;
}

static inline bool same_registers(const struct state *a,
                                  const struct state *b) {
    return memcmp(a->regs, b->regs, sizeof a->regs) == 0 &&
           ((a->flags ^ b->flags) & STATUS_FLAGS) == 0;
}

static inline bool same_vectors(const struct state *a, const struct state *b) {
    // Behind 24 bytes of control words and last instruction pointers.
    return memcmp(a->vectors + 24, b->vectors + 24, 416 - 24) == 0;
}

static inline struct bytes new_code(struct lab *lab) {
    struct bytes out;
    bytes_init(&out, lab->arena, ORDER_LITTLE);
    return out;
}

static inline struct insn decode_at(const uint8_t *p, size_t n, uint64_t va) {
    struct insn insn;
    struct code code = {{p, n}, va, 0};
    x86_decode(&code, &insn);
    return insn;
}

#endif
