// pointer.c: what a script's pointers lead to.
//
// Memory of the script (its variables, and what alloca() and its kind handed
// out) and memory of the program are one address space: copy.c knows what of
// the clause's own may be touched, and reading anything that is not there is
// a fault. Written is only what is the script's.

#include "rt.h"

static bool is_within(uint64_t at, uint64_t len, const void *from,
                      const void *to) {
    uint64_t first = (uint64_t)from, last = (uint64_t)to;
    return at >= first && at <= last && len <= last - at;
}

static bool may_write(struct mct_firing *firing, uint64_t at, uint64_t len) {
    const uint8_t *self = (const uint8_t *)firing->thread + MCT_THREAD_VARS;
    const uint8_t *block = (const uint8_t *)firing + MCT_FIRING_VARS;
    const uint8_t *globals = mct_region + mct_config.vars_off;
    const uint8_t *arrays = mct_region + mct_config.dynvar_off;
    return (is_within(at, len, block, firing->scratch) &&
            mct_may_access(firing, at, len)) ||
           is_within(at, len, self, self + mct_config.self_len) ||
           is_within(at, len, globals, globals + mct_config.vars_len) ||
           is_within(at, len, arrays + sizeof(struct mct_dynvars),
                     arrays + mct_config.dynvar_len);
}

uint64_t mct_load(struct mct_firing *firing, uint64_t at, uint64_t len) {
    uint64_t value = 0;
    if (mct_may_fault() && mct_may_access(firing, at, len) &&
        sys_guarded_load(at, len, &value))
        return value;
    value = 0;
    mct_fetch(firing, mct_low_bytes(&value, len), at, len); // or the fault
    return value;
}

void mct_store(struct mct_firing *firing, uint64_t at, uint64_t value,
               uint64_t len) {
    if (!may_write(firing, at, len)) {
        mct_fail(firing, MCT_FAULT_BADADDR, at);
        return;
    }
    switch (len) {
    case 1: *(uint8_t *)at = (uint8_t)value; break;
    case 2: *(uint16_t *)at = (uint16_t)value; break;
    case 4: *(uint32_t *)at = (uint32_t)value; break;
    default: *(uint64_t *)at = value;
    }
}

// Bytes of the script, which may be an element that is not there, or of
// whatever there is.
static void fetch(struct mct_firing *firing, void *to, uint64_t from,
                  uint64_t len, uint64_t is_ours) {
    if (is_ours && from < MCT_NOWHERE)
        mct_zero(to, len);
    else if (is_ours)
        mct_copy(to, (const void *)from, len);
    else
        mct_fetch(firing, to, from, len);
}

void mct_copy_block(struct mct_firing *firing, uint64_t to, uint64_t from,
                    uint64_t len, uint64_t is_ours) {
    if (to < MCT_NOWHERE)
        return;
    if (may_write(firing, to, len))
        fetch(firing, (void *)to, from, len, is_ours);
    else
        mct_fail(firing, MCT_FAULT_BADADDR, to);
}

void mct_record_block(struct mct_firing *firing, uint8_t *to, uint64_t from,
                      uint64_t len, uint64_t is_ours) {
    fetch(firing, to, from, len, is_ours);
}

void mct_store_text(struct mct_firing *firing, uint64_t to, const char *text,
                    uint64_t size) {
    if (to < MCT_NOWHERE)
        return;
    if (may_write(firing, to, size))
        mct_string_copy((char *)to, text, size);
    else
        mct_fail(firing, MCT_FAULT_BADADDR, to);
}

uint32_t mct_is_zero(const uint8_t *at, uint64_t len) {
    uint8_t all = 0;
    for (uint64_t i = 0; i < len; i++)
        all |= at[i];
    return all == 0;
}

const char *mct_text_at(struct mct_firing *firing, uint64_t at, uint64_t most,
                        uint64_t is_ours) {
    if (!is_ours)
        return mct_read_string(firing, at, most);
    if (at < MCT_NOWHERE)
        return "";
    return mct_text_new(firing, (const char *)at,
                        mct_text_len((const char *)at, most));
}
