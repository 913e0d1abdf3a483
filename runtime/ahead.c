// ahead.c: room for records, taken while the program may still ask for it.
//
// Room is a piece of the file, and mapping it wants a descriptor, so the path
// (chunks.c). Just before the program gives away what that takes (its root, its
// user, descriptors to come), the file becomes longer, and what is behind its
// end so far is mapped: pages without anything, that take place on the disk one
// by one when they are used.
//
//     region | chunks so far | . . . . . . . . . . . . . . . . |
//                            ^ the file's end, by the header   ^ mapped, once
//
// Pieces are still taken from the end by one addition, whoever takes them;
// where the file cannot be opened they are looked for in this part. A child has
// it as its parent had. What lies beyond is dropped, and counted.

#include "rt.h"

#define PROT_RW        3
#define MAP_SHARED     1
#define MAP_PRIVATE    2
#define MAP_ANONYMOUS  0x20
#define POPULATE_WRITE 23 // MADV_POPULATE_WRITE
#define EINTR          4
#define EINVAL         22
#define RLIMIT_FSIZE   1
#define RLIMIT_NOFILE  7
#define PR_SET_SECCOMP 22
#define CLONE_NEWNS    0x20000u
#define CLONE_NEWUSER  0x10000000u
#define MOST           ((uint64_t)256 << 20)
#define LEAST          ((uint64_t)4 << 20)

struct mct_ahead *mct_ahead_make(void) {
    long at = sys_map(0, sizeof(struct mct_ahead), PROT_RW,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return (unsigned long)at >= (unsigned long)-4095L ? 0 : (void *)at;
}

static long populate(uint64_t at, uint64_t len) {
    long error;
    do
        error = sys_call3(SYS_madvise, (long)at, (long)len, POPULATE_WRITE);
    while (error == -EINTR);
    return error;
}

static bool make_longer(long fd, uint64_t off, uint64_t len) {
    static const uint8_t zero = 0;
    return mct_may_grow(off + len) &&
           sys_write_at(fd, &zero, 1, off + len - 1) == 1;
}

// Where a page cannot be had but by touching it, which ends the program if the
// disk is full, the disk's room is taken at once, and less of it.
static bool map_ahead(struct mct_ahead *ahead, long fd, uint64_t off,
                      uint64_t len) {
    if (!make_longer(fd, off, len))
        return false;
    long at = sys_map(0, len, PROT_RW, MAP_SHARED, fd, off);
    if ((unsigned long)at >= (unsigned long)-4095L)
        return false;
    if (populate((uint64_t)at, MCT_REGION_ALIGN) == -EINVAL &&
        (len > LEAST || sys_allocate(fd, 0, off, len) != 0)) {
        sys_call3(SYS_munmap, at, (long)len, 0);
        return false;
    }
    ahead->address = (uint64_t)at;
    ahead->off = off;
    ahead->len = len;
    __atomic_store_n(&ahead->state, MCT_AHEAD_THERE, __ATOMIC_RELEASE);
    return true;
}

// As much of it as can be had.
void mct_ahead_take(void) {
    struct mct_ahead *ahead = mct_private.ahead;
    uint32_t nothing = 0;
    if (!ahead || mct_private.ino == 0 ||
        !__atomic_compare_exchange_n(&ahead->state, &nothing, MCT_AHEAD_WANTED,
                                     false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        return;
    long fd = mct_record_open();
    if (fd < 0)
        return;
    uint64_t off = mct_word_load(&MCT_HEADER->file_len);
    uint64_t len = MOST;
    while (len >= LEAST && !map_ahead(ahead, fd, off, len))
        len /= 4;
    sys_call3(SYS_close, fd, 0, 0);
}

bool mct_ahead_has(void) {
    const struct mct_ahead *ahead = mct_private.ahead;
    return ahead &&
           __atomic_load_n(&ahead->state, __ATOMIC_ACQUIRE) == MCT_AHEAD_THERE;
}

uint8_t *mct_ahead_piece(uint64_t off, uint64_t len) {
    const struct mct_ahead *ahead = mct_private.ahead;
    if (!mct_ahead_has() || off < ahead->off ||
        off + len > ahead->off + ahead->len)
        return 0;
    uint64_t at = ahead->address + (off - ahead->off);
    long error = populate(at, len);
    return error == 0 || error == -EINVAL ? (uint8_t *)(uintptr_t)at : 0;
}

// --- what takes which right ---

// One that owns the file may open it.
void mct_ahead_of_user(uint64_t user) {
    uint32_t now = (uint32_t)sys_call3(SYS_geteuid, 0, 0, 0);
    if ((uint32_t)user != UINT32_MAX && (uint32_t)user != now)
        mct_ahead_take();
}

// Raising a limit takes nothing away. The first word is the limit that counts.
void mct_ahead_of_limit(uint64_t resource, uint64_t limits) {
    uint64_t now[2];
    uintptr_t wanted;
    if ((resource == RLIMIT_NOFILE || resource == RLIMIT_FSIZE) &&
        limits != 0 && mct_read(&wanted, limits, sizeof wanted) &&
        sys_call6(SYS_prlimit64, 0, (long)resource, 0, (long)now, 0, 0) == 0 &&
        wanted < now[0])
        mct_ahead_take();
}

void mct_ahead_of_prctl(uint64_t operation) {
    if (operation == PR_SET_SECCOMP)
        mct_ahead_take();
}

void mct_ahead_of_unshare(uint64_t flags) {
    if (flags & (CLONE_NEWNS | CLONE_NEWUSER))
        mct_ahead_take();
}
