// subroutines.h: what the subroutines of D do, and texts and copies of memory,
// which they are made of; part of rt.h.

#ifndef MCT_SUBROUTINES_H
#define MCT_SUBROUTINES_H

#include "rt.h"

// string.c

// All look at no more than `room` or `most` bytes.
HIDDEN uint64_t mct_text_len(const char *text, uint64_t most);
COLD void mct_string_copy(char *to, const char *from, uint64_t room);
// A text variable of `size` bytes becomes `from`, or NULL.
COLD void mct_string_assign(char *to, const char *from, uint64_t size);
COLD int32_t mct_string_compare(const char *a, const char *b, uint64_t most);
HIDDEN void mct_copy(void *to, const void *from, uint64_t len);

// text.c

// False: it is NULL, a fault.
HIDDEN bool mct_text_is(struct mct_firing *firing, const char *text);
// Its length, or strsize.
HIDDEN uint64_t mct_string_len(const char *text);
// A string in scratch memory, cut at strsize; NULL: a fault was raised.
HIDDEN char *mct_text_new(struct mct_firing *firing, const char *from,
                          uint64_t len);
COLD uint64_t mct_strlen(struct mct_firing *firing, const char *text);
COLD const char *mct_strjoin(struct mct_firing *firing, const char *a,
                             const char *b);
COLD const char *mct_substr(struct mct_firing *firing, const char *text,
                            int64_t start, int64_t count);
COLD const char *mct_tolower(struct mct_firing *firing, const char *text);
COLD const char *mct_toupper(struct mct_firing *firing, const char *text);

// search.c

COLD int64_t mct_index(struct mct_firing *firing, const char *text,
                       const char *part, int64_t start);
COLD int64_t mct_rindex(struct mct_firing *firing, const char *text,
                        const char *part, int64_t start);
COLD const char *mct_strchr(struct mct_firing *firing, const char *text,
                            int64_t c);
COLD const char *mct_strrchr(struct mct_firing *firing, const char *text,
                             int64_t c);
COLD const char *mct_strstr(struct mct_firing *firing, const char *text,
                            const char *part);
COLD const char *mct_strtok(struct mct_firing *firing, const char *text,
                            const char *delimiters);

// path.c

COLD const char *mct_basename(struct mct_firing *firing, const char *path);
COLD const char *mct_dirname(struct mct_firing *firing, const char *path);
COLD const char *mct_cleanpath(struct mct_firing *firing, const char *path);

// number.c

COLD const char *mct_lltostr(struct mct_firing *firing, int64_t value,
                             int64_t base);
COLD int64_t mct_strtoll(struct mct_firing *firing, const char *text,
                         int64_t base);
COLD uint64_t mct_getmajor(uint64_t device);
COLD uint64_t mct_getminor(uint64_t device);
COLD uint16_t mct_htons(uint64_t value);
COLD uint32_t mct_htonl(uint64_t value);
COLD uint64_t mct_htonll(uint64_t value);
COLD uint16_t mct_ntohs(uint64_t value);
COLD uint32_t mct_ntohl(uint64_t value);
COLD uint64_t mct_ntohll(uint64_t value);
COLD uint32_t mct_rand(void);

// net.c

COLD const char *mct_inet_ntoa(struct mct_firing *firing, uint64_t address);
COLD const char *mct_inet_ntoa6(struct mct_firing *firing, uint64_t address,
                                int64_t strict);
COLD const char *mct_inet_ntop(struct mct_firing *firing, int64_t family,
                               uint64_t address);
COLD const char *mct_link_ntop(struct mct_firing *firing, int64_t type,
                               uint64_t address);

// copy.c

// Where alloca()'s part begins.
INLINE uint8_t *mct_alloca_start(const struct mct_firing *firing) {
    return firing->scratch - 2 * mct_config.alloca_len;
}
// Whether a pointer may be followed: it leads into memory of alloca() that was
// handed out, or does not lead there at all.
HIDDEN bool mct_may_access(struct mct_firing *firing, uint64_t at,
                           uint64_t len);
// Reads what a pointer of the script points to; false: a fault was raised.
HIDDEN bool mct_fetch(struct mct_firing *firing, void *to, uint64_t from,
                      uint64_t len);
// A text of at most `most` characters that a pointer points to, as a string;
// NULL: a fault was raised.
COLD const char *mct_read_string(struct mct_firing *firing, uint64_t from,
                                 uint64_t most);
COLD uint64_t mct_alloca(struct mct_firing *firing, uint64_t len);
COLD void mct_bcopy(struct mct_firing *firing, uint64_t from, uint64_t to,
                    uint64_t len);
// Where four words lie in memory, one behind the other.
COLD uint64_t mct___passed(struct mct_firing *firing, uint64_t a, uint64_t b,
                           uint64_t c, uint64_t d);
// The same of two pieces of memory.
COLD uint64_t mct___passed_on(struct mct_firing *firing, uint64_t first,
                              uint64_t first_len, uint64_t rest,
                              uint64_t rest_len);
COLD uint64_t mct_copyin(struct mct_firing *firing, uint64_t from,
                         uint64_t len);
COLD const char *mct_copyinstr(struct mct_firing *firing, uint64_t from,
                               uint64_t most);
COLD void mct_copyinto(struct mct_firing *firing, uint64_t from, uint64_t len,
                       uint64_t to);
COLD void mct_copyout(struct mct_firing *firing, uint64_t from, uint64_t to,
                      uint64_t len);
COLD void mct_copyoutstr(struct mct_firing *firing, const char *text,
                         uint64_t to, uint64_t most);

#endif
