// number.c: functions of D on numbers, and between numbers and strings.

#include "rt.h"

#define MOST_BASE 36

static bool is_base(struct mct_firing *firing, int64_t base) {
    bool fits = base >= 2 && base <= MOST_BASE;
    if (!fits)
        mct_fail(firing, MCT_FAULT_ILLOP, 0);
    return fits;
}

// Ten has a sign; the other bases show the 64 bits, eight with a leading zero
// and sixteen with 0x.
const char *mct_lltostr(struct mct_firing *firing, int64_t value,
                        int64_t base) {
    if (!is_base(firing, base))
        return 0;
    char text[1 + 64 + 2];
    uint64_t at = sizeof text, digits = (uint64_t)value;
    bool is_negative = base == 10 && value < 0;
    if (is_negative)
        digits = 0 - digits;
    do {
        uint64_t digit = digits % (uint64_t)base;
        text[--at] = (char)(digit < 10 ? '0' + digit : 'a' + digit - 10);
        digits /= (uint64_t)base;
    } while (digits != 0);
    if (base == 16)
        text[--at] = 'x';
    if (base == 16 || (base == 8 && value != 0))
        text[--at] = '0';
    if (is_negative)
        text[--at] = '-';
    return mct_text_new(firing, text + at, sizeof text - at);
}

static uint64_t digit_of(char c) {
    if (c >= '0' && c <= '9')
        return (uint64_t)(c - '0');
    if (c >= 'a' && c <= 'z')
        return (uint64_t)(c - 'a' + 10);
    return c >= 'A' && c <= 'Z' ? (uint64_t)(c - 'A' + 10) : MOST_BASE;
}

// As far as it looks like a number; too large a one wraps around.
int64_t mct_strtoll(struct mct_firing *firing, const char *text, int64_t base) {
    if (!is_base(firing, base) || !mct_text_is(firing, text))
        return 0;
    uint64_t len = mct_string_len(text), at = 0, value = 0;
    while (at < len && (text[at] == ' ' || text[at] == '\t'))
        at++;
    bool is_negative = at < len && text[at] == '-';
    if (at < len && (text[at] == '-' || text[at] == '+'))
        at++;
    if (base == 16 && at + 2 < len && text[at] == '0' &&
        (text[at + 1] == 'x' || text[at + 1] == 'X') &&
        digit_of(text[at + 2]) < 16)
        at += 2;
    for (; at < len && digit_of(text[at]) < (uint64_t)base; at++)
        value = value * (uint64_t)base + digit_of(text[at]);
    return (int64_t)(is_negative ? 0 - value : value);
}

// Devices as Linux numbers them: 12 bits and 20.
uint64_t mct_getmajor(uint64_t device) {
    return (uint32_t)device >> 20;
}

uint64_t mct_getminor(uint64_t device) {
    return device & 0xfffff;
}

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define SWAP(bits, value) __builtin_bswap##bits(value)
#else
#define SWAP(bits, value) (value)
#endif

uint16_t mct_htons(uint64_t value) {
    return SWAP(16, (uint16_t)value);
}

uint32_t mct_htonl(uint64_t value) {
    return SWAP(32, (uint32_t)value);
}

uint64_t mct_htonll(uint64_t value) {
    return SWAP(64, value);
}

uint16_t mct_ntohs(uint64_t value) {
    return SWAP(16, (uint16_t)value);
}

uint32_t mct_ntohl(uint64_t value) {
    return SWAP(32, (uint32_t)value);
}

uint64_t mct_ntohll(uint64_t value) {
    return SWAP(64, value);
}

// What two calls never read alike.
static uint64_t moment(void) {
#ifdef SYS_NO_CYCLES
    return mct_clock(MCT_CLOCK_MONOTONIC);
#else
    return sys_cycles();
#endif
}

// The finalizer of splitmix64 over a counter: no state, so nothing that a fork
// or another thread could repeat.
uint32_t mct_rand(void) {
    uint64_t bits = moment() * 0x9e3779b97f4a7c15u;
    bits = (bits ^ bits >> 30) * 0xbf58476d1ce4e5b9u;
    bits = (bits ^ bits >> 27) * 0x94d049bb133111ebu;
    return (uint32_t)((bits ^ bits >> 31) >> 32);
}
