// step: the oracle of tests/asm. Runs a static program one instruction at a
// time and counts how often each probe of some functions should fire:
//
//     step PROGRAM NAME:START:SIZE...            (hexadecimal)
//
// prints on standard error, behind whatever the program wrote,
//
//     NAME entry 3
//     NAME return 3
//     NAME 1f 12            every instruction by its offset
//
// A branch of a function to its own start is no entry, a call is. A `ret` and
// a jump out of a function are returns of it. Knows only as much of x86 as
// tells calls, returns and repeated string instructions apart.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST = 128, LARGEST = 4096 };

enum kind { OTHER, CALL, RETURN, STRING };

struct function {
    char name[64];
    unsigned long start, size, entries, returns;
    unsigned long counts[LARGEST];
};

static struct function *find(struct function *functions, int count,
                             unsigned long pc) {
    for (int i = 0; i < count; i++)
        if (pc - functions[i].start < functions[i].size)
            return &functions[i];
    return NULL;
}

static enum kind kind_at(pid_t child, unsigned long pc) {
    unsigned char code[16];
    for (int i = 0; i < 2; i++) {
        long word = ptrace(PTRACE_PEEKTEXT, child, pc + 8 * i, 0);
        memcpy(code + 8 * i, &word, 8);
    }
    int i = 0, repeat = 0;
    while (i < 14 && (memchr("\x66\x67\xf2\xf3\x2e\x3e\x26\x36\x64\x65",
                             code[i], 10) ||
                      (code[i] & 0xf0) == 0x40)) {
        repeat |= code[i] == 0xf2 || code[i] == 0xf3;
        i++;
    }
    if (code[i] == 0xe8 || (code[i] == 0xff && (code[i + 1] & 0x38) == 0x10))
        return CALL;
    if (code[i] == 0xc3 || code[i] == 0xc2)
        return RETURN;
    if (repeat && ((code[i] >= 0xa4 && code[i] <= 0xa7) ||
                   (code[i] >= 0xaa && code[i] <= 0xaf)))
        return STRING;
    return OTHER;
}

static void step_through(pid_t child, struct function *functions, int count) {
    struct user_regs_struct regs;
    struct function *last = NULL;
    unsigned long last_pc = 0;
    enum kind last_kind = CALL;
    int status;
    while (waitpid(child, &status, 0) == child && WIFSTOPPED(status)) {
        int sig = WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status);
        ptrace(PTRACE_GETREGS, child, 0, &regs);
        struct function *here = find(functions, count, regs.rip);
        // A repeated string instruction stops once a round.
        if (last_kind != STRING || regs.rip != last_pc) {
            if (last && last_kind == RETURN)
                last->returns++;
            else if (last && here != last && last_kind != CALL)
                last->returns++;
            if (here && regs.rip == here->start &&
                (here != last || last_kind == CALL || last_kind == RETURN))
                here->entries++;
            if (here)
                here->counts[regs.rip - here->start]++;
            last_kind = kind_at(child, regs.rip);
        }
        last = here;
        last_pc = regs.rip;
        if (ptrace(PTRACE_SINGLESTEP, child, 0, sig) != 0)
            break;
    }
}

int main(int argc, char **argv) {
    static struct function functions[MOST];
    int count = 0;
    for (int i = 2; i < argc && count < MOST; i++, count++) {
        struct function *f = &functions[count];
        if (sscanf(argv[i], "%63[^:]:%lx:%lx", f->name, &f->start, &f->size) !=
                3 || f->size > LARGEST) {
            fprintf(stderr, "step: bad function %s\n", argv[i]);
            return 2;
        }
    }
    pid_t child = fork();
    if (child == 0) {
        ptrace(PTRACE_TRACEME, 0, 0, 0);
        char *none[] = {NULL};
        execve(argv[1], (char *[]){"program", NULL}, none);
        _exit(127);
    }
    step_through(child, functions, count);
    for (int i = 0; i < count; i++) {
        const struct function *f = &functions[i];
        if (f->entries)
            fprintf(stderr, "%s entry %lu\n", f->name, f->entries);
        if (f->returns)
            fprintf(stderr, "%s return %lu\n", f->name, f->returns);
        for (unsigned long off = 0; off < f->size; off++)
            if (f->counts[off])
                fprintf(stderr, "%s %lx %lu\n", f->name, off, f->counts[off]);
    }
    return 0;
}
