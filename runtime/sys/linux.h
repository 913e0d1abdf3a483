// sys/linux.h: what Linux's machines have in common, but for the width of a
// word. Included by sys/<isa>.h behind its numbers, its open(2) flags and its
// system calls.
//
// Machines of 32 bits pass numbers of 64 as two arguments, in the order in
// which they lie in memory, the first in an even place (syscall(2)); mmap2()
// takes its offset in units of 4096 bytes. Times that a call waits for fit in
// 32 bits of seconds; the time of day does not.

//
// What most machines do alike is here as well; one that says SYS_... before
// does it in a way of its own.

#ifndef MCTRACE_SYS_LINUX_H
#define MCTRACE_SYS_LINUX_H

// A piece of memory, as writev() and process_vm_readv() take it.
struct sys_piece {
    uintptr_t base, len;
};

// The kernel's set of signals and its struct sigaction. `mask[0]` has all
// signals below 33.
#define SYS_MASK_WORDS (8 / sizeof(uintptr_t))
struct sys_action {
    uintptr_t handler, flags;
#ifdef SYS_SA_RESTORER
    uintptr_t restorer;
#endif
    uintptr_t mask[SYS_MASK_WORDS];
#ifndef SYS_SA_RESTORER
    uintptr_t room; // qemu writes one behind all that the kernel knows
#endif
};

static inline bool sys_mask_has(const uintptr_t *mask, uint64_t signal) {
    const unsigned bits = 8 * sizeof *mask;
    return (mask[(signal - 1) / bits] >> (signal - 1) % bits & 1) != 0;
}

#if __SIZEOF_POINTER__ == 8

static inline long sys_map(uint64_t at, uint64_t len, long protection,
                           long flags, long fd, uint64_t off) {
    return sys_call6(SYS_mmap, (long)at, (long)len, protection, flags, fd,
                     (long)off);
}

static inline long sys_set_length(long fd, uint64_t len) {
    return sys_call3(SYS_ftruncate, fd, (long)len, 0);
}

static inline long sys_allocate(long fd, long mode, uint64_t off,
                                uint64_t len) {
    return sys_call6(SYS_fallocate, fd, mode, (long)off, (long)len, 0, 0);
}

static inline long sys_write_at(long fd, const void *from, uint64_t len,
                                uint64_t off) {
    return sys_call6(SYS_pwrite64, fd, (long)from, (long)len, (long)off, 0, 0);
}

static inline void sys_clock(long which, int64_t now[2]) {
    sys_call3(SYS_clock_gettime, which, (long)now, 0);
}

#else

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define SYS_PAIR(value) (long)((value) >> 32), (long)(value)
#else
#define SYS_PAIR(value) (long)(value), (long)((value) >> 32)
#endif

static inline long sys_map(uint64_t at, uint64_t len, long protection,
                           long flags, long fd, uint64_t off) {
    return sys_call6(SYS_mmap2, (long)at, (long)len, protection, flags, fd,
                     (long)(off >> 12));
}

static inline long sys_set_length(long fd, uint64_t len) {
    return sys_call6(SYS_ftruncate64, fd, 0, SYS_PAIR(len), 0, 0);
}

static inline long sys_allocate(long fd, long mode, uint64_t off,
                                uint64_t len) {
    return sys_call6(SYS_fallocate, fd, mode, SYS_PAIR(off), SYS_PAIR(len));
}

static inline long sys_write_at(long fd, const void *from, uint64_t len,
                                uint64_t off) {
    return sys_call6(SYS_pwrite64, fd, (long)from, (long)len, 0, SYS_PAIR(off));
}

// Kernels before 5.1 know only 32 bits of seconds.
static inline void sys_clock(long which, int64_t now[2]) {
    if (sys_call3(SYS_clock_gettime64, which, (long)now, 0) == 0)
        return;
    long old[2] = {0, 0};
    sys_call3(SYS_clock_gettime, which, (long)old, 0);
    now[0] = old[0];
    now[1] = old[1];
}

#endif

// Machines whose programs read no counter ask for the time each time.
#ifdef SYS_NO_CYCLES
static inline uint64_t sys_cycles(void) {
    return 0;
}
static inline bool sys_cycles_are_steady(void) {
    return false;
}
static inline uint64_t sys_moment(void) {
    return 0;
}
#endif

// Exact against signal handlers, and where the machine has no other form
// against other threads as well.
#ifndef SYS_EXCHANGE
static inline bool sys_exchange(uint8_t **at, uint8_t *seen, uint8_t *next) {
    return __atomic_compare_exchange_n(at, &seen, next, false, __ATOMIC_RELAXED,
                                       __ATOMIC_RELAXED);
}
#endif

#ifndef SYS_ZERO
static inline void sys_zero(uint64_t *at, uint64_t count) {
    for (volatile uint64_t *word = at; word < at + count; word++)
        *word = 0;
}
#endif

// The offset goes in two halves, the low one first, on every machine
// (preadv(2)).
static inline long sys_write_pieces_at(long fd, const struct sys_piece *pieces,
                                       long count, uint64_t off) {
    return sys_call6(SYS_pwritev, fd, (long)pieces, count, (long)off,
                     (long)(off >> (sizeof(long) * 8 - 1) >> 1), 0);
}

// Until somebody wakes who waits at the word, `ns` at most, unless it no
// longer is `value`.
static inline void sys_wait_at(const uint32_t *word, uint32_t value,
                               uint64_t ns) {
    enum { FUTEX_WAIT_PRIVATE = 128 };
    long until[2] = {(long)(ns / 1000000000), (long)(ns % 1000000000)};
    sys_call6(SYS_futex, (long)word, FUTEX_WAIT_PRIVATE, (long)value,
              (long)until, 0, 0);
}

#endif
