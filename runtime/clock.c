// clock.c: what time it is.
//
// `timestamp` is the monotonic clock, read off the cycle counter by a line
// kept in the header (region.h): start and slope. The line is drawn from two
// readings of the real clock at least 10 ms apart, and holds for eight times as
// long as they were apart, or a second: then it is drawn anew, by whoever
// notices, so that it follows the kernel's own corrections.
// Until it is there, and on machines whose counter does not run steadily, the
// clock's system call answers.
//
// A new line begins where the old one is or, if that lies behind the clock, at
// the clock; when it is ahead its slope is a little lower, so that time never
// runs backwards. Readers look at the sequence number before and after; they
// never wait: a reader that meets a writer (which may be the very thread that
// the reader's signal handler interrupted) asks the system.

#include "rt.h"

#define SECOND   1000000000u
#define BASELINE 10000000u // least nanoseconds between the two readings
// clock_cycles while clock_mult is 0: the counter is not to be used.
#define UNSTEADY UINT64_MAX

uint64_t mct_clock(int which) {
    int64_t now[2] = {0, 0};
    sys_clock(which, now);
    return (uint64_t)now[0] * SECOND + (uint64_t)now[1];
}

// A slope from how far two readings are apart; 0: none that fits.
static uint32_t slope(uint64_t cycles, uint64_t ns) {
    // Shift both until the dividend fits.
    while (ns >> 31 != 0) {
        ns >>= 1;
        cycles >>= 1;
    }
    if (cycles == 0)
        return 0;
    uint64_t mult = (ns << 32) / cycles;
    return mult > UINT32_MAX ? 0 : (uint32_t)mult;
}

static uint64_t distance(uint64_t a, uint64_t b) {
    return a > b ? a - b : b - a;
}

// The writer's part. A slope that jumps tells of a machine that slept, or of
// a guest that was moved: begin again with two readings.
static void draw_line(struct mct_region *header, uint64_t now,
                      uint64_t cycles) {
    uint64_t old_cycles = header->clock_cycles;
    uint32_t old = header->clock_mult, mult = 0;
    if (old_cycles != 0 && cycles > old_cycles && now > header->clock_sample_ns)
        mult = slope(cycles - old_cycles, now - header->clock_sample_ns);
    if (old == 0 && mult != 0 && !sys_cycles_are_steady()) {
        header->clock_cycles = UNSTEADY;
        return;
    }
    if (old != 0 && distance(mult, old) > old >> 6)
        mult = 0;
    uint64_t start = now;
    if (old != 0 && mult != 0) {
        uint64_t reached = mct_scale(cycles - old_cycles, old);
        uint64_t span = header->clock_span;
        reached = header->clock_ns + (reached > span ? span : reached);
        if (reached > now) {
            uint64_t ahead = reached - now;
            ahead = ahead > SECOND / 8 ? SECOND / 8 : ahead;
            mult -= (uint32_t)((uint64_t)mult * ahead / SECOND);
            start = reached;
        }
    }
    uint64_t apart = now - header->clock_sample_ns;
    header->clock_span = apart < SECOND / 8 ? 8 * apart : SECOND;
    header->clock_sample_ns = now;
    header->clock_ns = start;
    header->clock_cycles = cycles;
    header->clock_mult = mult;
}

// Redraws the line unless it is too early or somebody else is at it.
static void adjust(struct mct_region *header, uint64_t now, uint64_t cycles) {
    uint32_t seq = __atomic_load_n(&header->clock_seq, __ATOMIC_RELAXED);
    if (seq & 1 || header->clock_cycles == UNSTEADY ||
        (header->clock_cycles != 0 &&
         now - header->clock_sample_ns < BASELINE) ||
        !__atomic_compare_exchange_n(&header->clock_seq, &seq, seq + 1, false,
                                     __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
        return;
    __atomic_thread_fence(__ATOMIC_RELEASE);
    draw_line(header, now, cycles);
    __atomic_store_n(&header->clock_seq, seq + 2, __ATOMIC_RELEASE);
}

// The system's answer, but not before `least`, which the line may have reached
// unless it has become meaningless.
static uint64_t ask(struct mct_region *header, uint64_t least) {
    uint64_t before = sys_cycles();
    uint64_t now = mct_clock(MCT_CLOCK_MONOTONIC);
    uint64_t took = sys_cycles() - before;
    // Interrupted in between, the two readings do not belong together.
    if (took < sys_moment())
        adjust(header, now, before + took / 2);
    return now < least && least - now < SECOND / 64 ? least : now;
}

REPLACEABLE uint64_t mct_timestamp_asked(uint64_t least) {
    return ask(MCT_HEADER, least);
}

uint64_t mct_vtimestamp(void) {
    return mct_clock(MCT_CLOCK_THREAD);
}

int64_t mct_walltimestamp(void) {
    return (int64_t)mct_clock(MCT_CLOCK_REALTIME);
}
