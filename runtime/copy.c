// copy.c: functions of D that move memory: alloca() and the copyin family.
//
// alloca() takes from a part of the clause's memory that is its own, of
// scratchsize bytes between two gaps that are as long:
//
//     variables | gap | handed out | not yet | gap | texts ...
//                     start        alloca_top      scratch
//
// What was handed out by the clause may be read and written through pointers,
// as one piece; the rest and the gaps may not, so that whoever passes the ends
// of what he asked for meets a fault. The program's memory is whatever else
// can be read.

#include "rt.h"

#define PIECE 64u // of what copyout() copies

// Takes `len` bytes, not cleared; NULL: a fault was raised.
static uint8_t *take(struct mct_firing *firing, uint64_t len) {
    uint8_t *end = mct_alloca_start(firing) + mct_config.alloca_len;
    uint64_t left = (uint64_t)(end - firing->alloca_top);
    if (len > left) {
        mct_fail(firing, MCT_FAULT_NOSCRATCH, 0);
        return 0;
    }
    uint8_t *taken = firing->alloca_top;
    firing->alloca_top += (len + 7) & ~(uint64_t)7;
    return taken;
}

static bool is_near(const struct mct_firing *firing, uint64_t at) {
    return at < (uint64_t)firing->scratch &&
           at >= (uint64_t)mct_alloca_start(firing) - mct_config.alloca_len;
}

bool mct_may_access(struct mct_firing *firing, uint64_t at, uint64_t len) {
    uint64_t start = (uint64_t)mct_alloca_start(firing);
    uint64_t top = (uint64_t)firing->alloca_top;
    if (at >= start && at <= top && len <= top - at)
        return true;
    // Neither end is near, nor all of it between them.
    uint64_t last = at + (len > 0 ? len - 1 : 0);
    return !is_near(firing, at) && !is_near(firing, last) &&
           !(at < start && last >= start);
}

static bool can_fetch(struct mct_firing *firing, void *to, uint64_t from,
                      uint64_t len) {
    return len == 0 || (from != 0 && mct_may_access(firing, from, len) &&
                        mct_read(to, from, len));
}

bool mct_fetch(struct mct_firing *firing, void *to, uint64_t from,
               uint64_t len) {
    bool fine = can_fetch(firing, to, from, len);
    if (!fine)
        mct_fail(firing, MCT_FAULT_BADADDR, from);
    return fine;
}

// Of `most` bytes from there, how many lie before the end of what was handed
// out, if it is memory of alloca() at all.
static uint64_t before_end(const struct mct_firing *firing, uint64_t at,
                           uint64_t most) {
    uint64_t top = (uint64_t)firing->alloca_top;
    if (!is_near(firing, at))
        return most;
    bool is_out = at >= (uint64_t)mct_alloca_start(firing) && at < top;
    uint64_t left = is_out ? top - at : 0;
    return left < most ? left : most;
}

const char *mct_read_string(struct mct_firing *firing, uint64_t from,
                            uint64_t most) {
    most = most < mct_config.strsize ? most : mct_config.strsize;
    char *text = mct_scratch(firing, most + 1);
    if (!text)
        return 0;
    uint64_t there = before_end(firing, from, most);
    int64_t len = from == 0 ? -1 : mct_read_text(text, from, there);
    if (len < 0 || ((uint64_t)len == there && there < most)) {
        mct_fail(firing, MCT_FAULT_BADADDR, from);
        return 0;
    }
    // A byte that is stored into a word that was lets who reads the word wait.
    if (text[len] != 0)
        text[len] = 0;
    // What the text did not need is taken back.
    firing->scratch_top =
        (uint8_t *)text + (((uint64_t)len + 8) & ~(uint64_t)7);
    return text;
}

// --- functions of D ---

uint64_t mct_alloca(struct mct_firing *firing, uint64_t len) {
    uint8_t *taken = take(firing, len);
    if (taken)
        for (uint8_t *at = taken; at < firing->alloca_top; at++)
            *at = 0;
    return (uint64_t)taken;
}

static bool is_size(struct mct_firing *firing, uint64_t len) {
    if (len > mct_config.alloca_len)
        mct_fail(firing, MCT_FAULT_BADSIZE, len);
    return len <= mct_config.alloca_len;
}

static bool is_handed_out(struct mct_firing *firing, uint64_t at,
                          uint64_t len) {
    bool fine = is_near(firing, at) && mct_may_access(firing, at, len);
    if (!fine)
        mct_fail(firing, MCT_FAULT_BADADDR, at);
    return fine;
}

void mct_bcopy(struct mct_firing *firing, uint64_t from, uint64_t to,
               uint64_t len) {
    if (!is_size(firing, len) || !is_handed_out(firing, to, len))
        return;
    mct_fetch(firing, (void *)to, from, len);
}

uint64_t mct___passed(struct mct_firing *firing, uint64_t a, uint64_t b,
                      uint64_t c, uint64_t d) {
    uint64_t *to = mct_scratch(firing, 4 * sizeof *to);
    if (!to)
        return 0;
    to[0] = a;
    to[1] = b;
    to[2] = c;
    to[3] = d;
    return (uint64_t)to;
}

uint64_t mct___passed_on(struct mct_firing *firing, uint64_t first,
                         uint64_t first_len, uint64_t rest, uint64_t rest_len) {
    uint8_t *to = mct_scratch(firing, first_len + rest_len);
    if (!to || !mct_fetch(firing, to, first, first_len) ||
        !mct_fetch(firing, to + first_len, rest, rest_len))
        return 0;
    return (uint64_t)to;
}

uint64_t mct_copyin(struct mct_firing *firing, uint64_t from, uint64_t len) {
    uint8_t *to = is_size(firing, len) ? take(firing, len) : 0;
    return to && mct_fetch(firing, to, from, len) ? (uint64_t)to : 0;
}

// `most` counts the terminating byte; so does strsize, here alone.
const char *mct_copyinstr(struct mct_firing *firing, uint64_t from,
                          uint64_t most) {
    if (most == 0) {
        mct_fail(firing, MCT_FAULT_BADADDR, from);
        return 0;
    }
    uint64_t strsize = mct_config.strsize;
    return mct_read_string(firing, from, (most < strsize ? most : strsize) - 1);
}

void mct_copyinto(struct mct_firing *firing, uint64_t from, uint64_t len,
                  uint64_t to) {
    mct_bcopy(firing, from, to, len);
}

static bool can_store(struct mct_firing *firing, uint64_t to, const void *from,
                      uint64_t len) {
    return len == 0 || (to != 0 && mct_may_access(firing, to, len) &&
                        mct_write(to, from, len));
}

// The source may be the program's as well: it is read first, in pieces.
void mct_copyout(struct mct_firing *firing, uint64_t from, uint64_t to,
                 uint64_t len) {
    uint64_t piece[PIECE / sizeof(uint64_t)];
    for (uint64_t done = 0; done < len; done += PIECE) {
        uint64_t part = len - done < PIECE ? len - done : PIECE;
        bool fetched = can_fetch(firing, piece, from + done, part);
        if (fetched && can_store(firing, to + done, piece, part))
            continue;
        mct_fail(firing, MCT_FAULT_BADADDR, fetched ? to : from);
        return;
    }
}

// The terminating byte goes along if there is room for it.
void mct_copyoutstr(struct mct_firing *firing, const char *text, uint64_t to,
                    uint64_t most) {
    if (!mct_text_is(firing, text))
        return;
    uint64_t len = mct_string_len(text) + 1;
    if (!can_store(firing, to, text, len < most ? len : most))
        mct_fail(firing, MCT_FAULT_BADADDR, to);
}
