// sys/guarded.h: touching memory that may not be there; see guard.c. Included
// by sys/<isa>.h, which has said
//
//     SYS_MARK             a word that no program has in a register by chance
//     SYS_MARK_WORD        where that register lies in a ucontext, in words,
//     ... SYS_RECOVERY_WORD    ... and the one with the address where to go on
//     after
//                          a fault, which is near; and SYS_CONTEXT_PC
//     SYS_MARK_REGISTER    its name, where loads of 8 bytes are one instruction
//     SYS_GUARDED_LOAD     a load, and how the mark and the address come there
//     SYS_LOAD_1 ... 8     loads of so many bytes without sign
//
// and has the routines below. Nothing is read or written beyond what was asked
// for, but that a text may be read by whole words, which do not reach into
// another page.

#ifndef MCTRACE_SYS_GUARDED_H
#define MCTRACE_SYS_GUARDED_H

#define SYS_STUBS    64 // guard.c stands for so many actions
#define SYS_STUB_LEN 16
#define SYS_NEAR     256 // the recovery address is no farther

// 0, or 1: it is not all there.
HIDDEN uint64_t sys_guarded_copy(void *to, const void *from, uint64_t len);
// Copies up to the terminator, or `most` bytes; what is written behind the last
// of those, within `most`, means nothing. Their number, or -1: it is not there
// so far.
HIDDEN int64_t sys_guarded_text(char *to, const char *from, uint64_t most);
// Handlers of signals, SYS_STUB_LEN bytes each. Nth hands its number to
// mct_guard_signal(), and jumps to the handler which that returns, the stack
// and the arguments being as the kernel made them; 0: back from the signal.
HIDDEN void sys_stubs(void);
HIDDEN void sys_signal_return(void);

// Whether the signal was such a fault; then its thread goes on at the recovery
// address.
static inline bool sys_recover(const void *info, void *context) {
    uintptr_t *words = context, recovery = words[SYS_RECOVERY_WORD];
    // Those that processes send have codes that are not positive.
    if (((const int32_t *)info)[2] <= 0 || words[SYS_MARK_WORD] != SYS_MARK ||
        recovery - words[SYS_CONTEXT_PC] >= SYS_NEAR)
        return false;
    words[SYS_CONTEXT_PC] = recovery;
    words[SYS_MARK_WORD] = 0;
    return true;
}

// An integer of 1, 2, 4 or 8 bytes, in line, without sign. False: it is not
// there. Where the 8 are two halves, these may lie in two pages.
static inline bool sys_guarded_load(uint64_t at, uint64_t len,
                                    uint64_t *value) {
    uintptr_t is_there;
#ifdef SYS_MARK_REGISTER
    register uint64_t mark __asm__(SYS_MARK_REGISTER) = SYS_MARK;
    uint64_t word = 0;
#else
    uint32_t low = 0, high = 0;
    if (at != (uintptr_t)at)
        return false;
#endif
    switch (len) {
    case 1: SYS_GUARDED_LOAD(SYS_LOAD_1); break;
    case 2: SYS_GUARDED_LOAD(SYS_LOAD_2); break;
    case 4: SYS_GUARDED_LOAD(SYS_LOAD_4); break;
    default: SYS_GUARDED_LOAD(SYS_LOAD_8); break;
    }
#ifdef SYS_MARK_REGISTER
    *value = word;
#else
    *value = (uint64_t)high << 32 | low;
#endif
    return is_there != 0;
}

#endif
