// net.c: functions of D that show addresses of networks.
//
// An IPv6 address is shown as RFC 5952 wants it: no leading zeroes, the first
// of the longest runs of at least two zero groups as "::". One that holds an
// IPv4 address is shown as that, strictly with "::" or "::ffff:" before it.
// DTrace takes 96 zero bits for the sign of one, but for :: and ::1, where the
// C library asks for 80 or 96 that are followed by a group that is not zero.

#include "rt.h"

#define AF_INET           2
#define AF_INET6          10
#define ARPHRD_ETHER      1
#define ARPHRD_INFINIBAND 32

#define GROUPS 8

struct writer {
    char text[64];
    uint64_t len;
};

static void put(struct writer *writer, char c) {
    writer->text[writer->len++] = c;
}

static void put_text(struct writer *writer, const char *text) {
    for (; *text; text++)
        put(writer, *text);
}

static const char hex[] = "0123456789abcdef";

static void put_decimal(struct writer *writer, uint32_t byte) {
    if (byte >= 100)
        put(writer, (char)('0' + byte / 100));
    if (byte >= 10)
        put(writer, (char)('0' + byte / 10 % 10));
    put(writer, (char)('0' + byte % 10));
}

static void put_group(struct writer *writer, uint32_t group) {
    for (int shift = 12; shift >= 0; shift -= 4)
        if (shift == 0 || group >> shift != 0)
            put(writer, hex[group >> shift & 15]);
}

static void put_quad(struct writer *writer, const uint8_t *bytes) {
    for (int i = 0; i < 4; i++) {
        if (i > 0)
            put(writer, '.');
        put_decimal(writer, bytes[i]);
    }
}

const char *mct_inet_ntoa(struct mct_firing *firing, uint64_t address) {
    uint8_t bytes[4];
    struct writer writer = {.len = 0};
    if (!mct_fetch(firing, bytes, address, sizeof bytes))
        return 0;
    put_quad(&writer, bytes);
    return mct_text_new(firing, writer.text, writer.len);
}

// The first of the longest runs of zeroes, at least two: [start, end).
static void find_zeroes(const uint32_t groups[GROUPS], int *start, int *end) {
    *start = *end = GROUPS;
    for (int i = 0, from = 0; i < GROUPS; i++) {
        if (groups[i] != 0)
            from = i + 1;
        else if (i > from && i + 1 - from > *end - *start) {
            *start = from;
            *end = i + 1;
        }
    }
}

// What stands before the IPv4 address that it holds; NULL: it holds none.
static const char *quad_prefix(const uint32_t groups[GROUPS]) {
    for (int i = 0; i < 5; i++)
        if (groups[i] != 0)
            return 0;
    if (groups[5] == 0xffff)
        return "::ffff:";
    return groups[5] == 0 && (groups[6] != 0 || groups[7] > 1) ? "::" : 0;
}

static void put_groups(struct writer *writer, const uint32_t groups[GROUPS]) {
    int start, end;
    find_zeroes(groups, &start, &end);
    for (int i = 0; i < GROUPS; i++) {
        if (i >= start && i < end) {
            if (i == start)
                put_text(writer, "::");
            continue;
        }
        if (i > 0 && i != end)
            put(writer, ':');
        put_group(writer, groups[i]);
    }
}

const char *mct_inet_ntoa6(struct mct_firing *firing, uint64_t address,
                           int64_t strict) {
    uint8_t bytes[2 * GROUPS];
    uint32_t groups[GROUPS];
    struct writer writer = {.len = 0};
    if (!mct_fetch(firing, bytes, address, sizeof bytes))
        return 0;
    for (int i = 0; i < GROUPS; i++)
        groups[i] = (uint32_t)bytes[2 * i] << 8 | bytes[2 * i + 1];
    const char *prefix = quad_prefix(groups);
    if (prefix) {
        put_text(&writer, strict ? prefix : "");
        put_quad(&writer, bytes + 12);
    } else {
        put_groups(&writer, groups);
    }
    return mct_text_new(firing, writer.text, writer.len);
}

const char *mct_inet_ntop(struct mct_firing *firing, int64_t family,
                          uint64_t address) {
    if (family == AF_INET)
        return mct_inet_ntoa(firing, address);
    if (family == AF_INET6)
        return mct_inet_ntoa6(firing, address, 1);
    mct_fail(firing, MCT_FAULT_ILLOP, 0);
    return 0;
}

const char *mct_link_ntop(struct mct_firing *firing, int64_t type,
                          uint64_t address) {
    uint8_t bytes[20];
    struct writer writer = {.len = 0};
    uint64_t count = type == ARPHRD_INFINIBAND ? 20 : 6;
    if (type != ARPHRD_ETHER && type != ARPHRD_INFINIBAND) {
        mct_fail(firing, MCT_FAULT_ILLOP, 0);
        return 0;
    }
    if (!mct_fetch(firing, bytes, address, count))
        return 0;
    for (uint64_t i = 0; i < count; i++) {
        if (i > 0)
            put(&writer, ':');
        put(&writer, hex[bytes[i] >> 4]);
        put(&writer, hex[bytes[i] & 15]);
    }
    return mct_text_new(firing, writer.text, writer.len);
}
