// cycles.c: the machine's own counter as `timestamp`.
//
//     Cortex-M       DWT's cycle counter, which is switched on at first use;
//                    where there is none SysTick, if the program runs it;
//                    either is carried on as long as somebody asks before it
//                    has gone round
//     other ARM      the virtual counter of the generic timer
//     RISC-V         cycle, or with -DRISCV_TIME the real-time counter
//     PowerPC        the time base
//     x86-64         the time-stamp counter
//
// With -DTICKS_PER_SECOND=frequency the result is in nanoseconds, without it in
// ticks.

#include "platform.h"

#if defined(__arm__) && defined(__ARM_ARCH_PROFILE) && __ARM_ARCH_PROFILE == 'M'

#define DEMCR      (*(volatile uint32_t *)0xe000edfcu)
#define DWT_CTRL   (*(volatile uint32_t *)0xe0001000u)
#define DWT_CYCCNT (*(volatile uint32_t *)0xe0001004u)
#define SYST_RVR   (*(volatile uint32_t *)0xe000e014u)
#define SYST_CVR   (*(volatile uint32_t *)0xe000e018u)

static uint64_t last;

static int has_cycles(void) {
    if (DWT_CTRL & 1)
        return 1;
    DEMCR |= 1u << 24; // TRCENA
    DWT_CTRL |= 1;     // CYCCNTENA, which stays zero where there is none
    return DWT_CTRL & 1;
}

// Counts down from its reload value. Its control register is left alone: who
// reads that takes away what the program may be waiting for.
static void add_systick(void) {
    static uint32_t before;
    uint32_t now = SYST_CVR, period = SYST_RVR + 1;
    last += now <= before ? before - now : before + period - now;
    before = now;
}

// An interrupt handler may ask in between.
static uint64_t ticks(void) {
    uint32_t held;
    __asm__ volatile("mrs %0, primask\n cpsid i" : "=r"(held) : : "memory");
    if (has_cycles())
        last += (uint32_t)(DWT_CYCCNT - (uint32_t)last);
    else
        add_systick();
    uint64_t now = last;
    __asm__ volatile("msr primask, %0" : : "r"(held) : "memory");
    return now;
}

#elif defined(__aarch64__)

static uint64_t ticks(void) {
    uint64_t now;
    __asm__ volatile("mrs %0, cntvct_el0" : "=r"(now));
    return now;
}

#elif defined(__arm__)

static uint64_t ticks(void) {
    uint32_t low, high;
    __asm__ volatile("mrrc p15, 1, %0, %1, c14" : "=r"(low), "=r"(high));
    return (uint64_t)high << 32 | low;
}

#elif defined(__riscv)

#ifdef RISCV_TIME
#define COUNTER "time"
#else
#define COUNTER "cycle"
#endif

static uint64_t ticks(void) {
#if __riscv_xlen == 64
    uint64_t now;
    __asm__ volatile("csrr %0, " COUNTER : "=r"(now));
    return now;
#else
    uint32_t high, low, again;
    do
        __asm__ volatile("csrr %0, " COUNTER "h\n csrr %1, " COUNTER
                         "\n csrr %2, " COUNTER "h"
                         : "=r"(high), "=r"(low), "=r"(again));
    while (high != again);
    return (uint64_t)high << 32 | low;
#endif
}

#elif defined(__powerpc__)

static uint64_t ticks(void) {
    uint32_t high, low, again;
    do
        __asm__ volatile("mfspr %0, 269\n mfspr %1, 268\n mfspr %2, 269"
                         : "=r"(high), "=r"(low), "=r"(again));
    while (high != again);
    return (uint64_t)high << 32 | low;
}

#elif defined(__x86_64__)

static uint64_t ticks(void) {
    uint32_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (uint64_t)high << 32 | low;
}

#else
#error "no counter is known of this machine"
#endif

// In two parts, so that nothing overflows and nothing is divided by what is
// not a constant.
static uint64_t to_nanoseconds(uint64_t count) {
#ifdef TICKS_PER_SECOND
    uint64_t per = TICKS_PER_SECOND;
    return count / per * 1000000000u + count % per * 1000000000u / per;
#else
    return count;
#endif
}

uint64_t platform_timestamp(void) {
    return to_nanoseconds(ticks());
}
