// rt.h: the code that goes into the traced program.
//
// Freestanding C for general registers: no libc, no floating point, no
// recursion, bounded loops, no writable data but the region. It owns nothing
// of the host's: no TLS, errno, descriptors or signal masks (a mask it must
// change for a moment is put back). Compiled once per machine, when mctrace is
// built; a script's code is joined by the functions it uses.
//
// System calls, for who writes a sandbox's rules:
//   at start     newfstatat openat fstat read close unlinkat fchmod ftruncate
//                fallocate mmap munmap rt_sigprocmask clock_gettime prlimit64
//                getpid geteuid, and write for the one line when it fails;
//                for reading memory rt_sigaction mmap madvise prctl
//   records      openat fstat fallocate mmap munmap close, per chunk; getcpu,
//                per record, where no register tells the processor; gettid
//                mmap madvise, per thread; sigaltstack, where a clause
//                interrupts another
//   by request   what a clause reads: getpid getppid gettid getuid getgid
//                getcpu prctl clock_gettime readlinkat openat read close;
//                send() as at start, and writev
//   reading      rt_sigprocmask getpid, once per thread; where signals cannot
//                be relied on process_vm_readv getpid, each time
//   destructive  process_vm_writev rt_sigprocmask getpid gettid kill tgkill
//   ahead        before chroot, setuid and such: as a chunk, and geteuid or
//                prlimit64; then madvise and munmap per chunk, after openat
//                has failed
//   vfork()      getpid, where somebody watches
//   stacks       rt_sigprocmask, when modules or rules are new; sigaltstack,
//                when walks were left by jumps
//   arming       mprotect mmap munmap rt_sigprocmask
//   END, exit()  getpid gettid
//   tick         clone rt_sigprocmask mmap at start; futex in the thread
//   profile      also rt_sigaction; openat getdents64 read close tgkill
// A clause that only counts makes none.

#ifndef MCTRACE_RT_H
#define MCTRACE_RT_H

#include <stdbool.h>
#include <stdint.h>

// The C back-end prints parts of this text; there these words stay as they are.
#ifndef MCT_IN_WORDS
#define HIDDEN  __attribute__((visibility("hidden")))
// Becomes part of the stencil: INLINE by its name, STENCIL as that asks for it.
#define INLINE  static inline __attribute__((always_inline))
#define STENCIL __attribute__((always_inline)) HIDDEN
#endif

// What a machine has, and which forms of what follows are its own.
#include MCT_SYS

#ifdef MCT_BARE
#define MCT_REGION_ALIGNED MCT_BARE_ALIGN
#define sys_cpu(has_pid)   ((void)(has_pid), (uint16_t)0) // there is one
#else
#define MCT_REGION_ALIGNED MCT_REGION_ALIGN
#endif

#include "mctrace/aggs.h"
#include "mctrace/records.h"
#include "mctrace/region.h"
#include "mctrace/runtime.h"

// At what is defined, if a library may have something instead: callers must not
// know what it does.
#define REPLACEABLE __attribute__((weak))
// Called from stencils, never inlined: where the machine has such a convention
// it saves nearly all it changes, so that a stencil need not.
#define COLD        __attribute__((noinline SYS_SAVES_MOST)) HIDDEN

// Symbols of the rewriter.
extern HIDDEN _Alignas(MCT_REGION_ALIGNED) uint8_t mct_region[];
extern HIDDEN const struct mct_config mct_config;
extern HIDDEN const uint32_t mct_locks[];
extern HIDDEN const struct mct_merge mct_merges[];
// A search table over this image's unwind information, if it brings none: how
// many there are, then pairs as in .eh_frame_hdr.
extern HIDDEN const uint64_t mct_search[];
extern HIDDEN const struct mct_drain_info mct_drains[];
extern HIDDEN const struct mct_timers mct_timers;
extern HIDDEN uint8_t mct_text[];
extern HIDDEN const struct mct_library mct_library;
extern HIDDEN uint8_t mct_library_data[];
HIDDEN void mct_begin(void);
HIDDEN void mct_end(void);
HIDDEN void mct_executed(void);
HIDDEN void mct_error(void);
HIDDEN void mct_original_entry(void);
HIDDEN void mct_original_init(void);

#define MCT_HEADER ((struct mct_region *)mct_region)

// thread.c

#define MCT_MOST_NESTED 4

// One firing of one probe, which may interrupt another's by a signal. What a
// clause works with. Pointers take eight bytes on every machine.
struct mct_firing {
    uint64_t fault; // enum mct_fault of this clause; 0: none
    uint64_t fault_value;
    _Alignas(8) struct mct_thread *thread;
    // Memory for temporary strings, given back with the clause:
    // [scratch, scratch_top) is taken, up to scratch_end it may be. Before it
    // lies what alloca() hands out, up to alloca_top: see copy.c.
    _Alignas(8) uint8_t *scratch, *scratch_top, *scratch_end, *alloca_top;
    // The record begun, the end of what was set aside for it, and where its
    // next variable field goes.
    _Alignas(8) uint8_t *record, *record_end, *tail;
    _Alignas(8) uint64_t stack; // the stack pointer when it was opened
};
_Static_assert(sizeof(struct mct_firing) <= MCT_FIRING_VARS &&
                   offsetof(struct mct_firing, fault) == MCT_FIRING_FAULT &&
                   offsetof(struct mct_firing, fault_value) ==
                       MCT_FIRING_FAULT_VALUE &&
                   offsetof(struct mct_firing, thread) == MCT_FIRING_THREAD &&
                   offsetof(struct mct_firing, scratch_top) ==
                       MCT_FIRING_SCRATCH_TOP,
               "fixed offsets");

// What a thread keeps, in private memory of its process; made when the first
// clause asks for it.
struct mct_cpu_info { // cpuinfo_t
    int32_t id, set, chip, group;
    uint64_t info;
};

struct mct_thread {
    uint64_t told_args[6]; // arg0 ... of ERROR, tick and profile
    // A word, the process in its upper half, for who tells threads apart.
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    uint32_t pid, tid;
#else
    uint32_t tid, pid;
#endif
    struct mct_thread *next;
    uintptr_t base; // by which it is found again
    struct mct_process *process;
    // The chunk its records go to: what is left of it.
    uint8_t *record, *record_end, *chunk;
    uint8_t *window;  // a chunk that is used again and again; NULL: none yet
    uint8_t *filled;  // its end if it was left for another; NULL: it was not
    uint64_t writing; // records that are begun and not finished
    uint64_t lost;    // records since the chunk began
    uint64_t serial;
    uint64_t ring;     // RING: bytes in chunks that are kept
    uint32_t depth;    // firings that are open, one within another
    uint32_t in_error; // ERROR is being run
    uint32_t is_free;  // its thread has ended
    void *
        interrupted; // profile: what the signal came upon, as the kernel has it
    struct mct_firing *firings[MCT_MOST_NESTED];
    // strtok()'s, from call to call: one more than where it goes on in the text
    // kept for it; 0: there is none.
    uint64_t strtok_off;
    uint8_t *strtok_text;
    // chill()'s: when its second began, and what was spent of it.
    uint64_t chill_start, chilled;
    struct mct_cpu_info cpu; // curcpu
};
_Static_assert(sizeof(struct mct_thread) <= MCT_THREAD_VARS &&
                   offsetof(struct mct_thread, told_args) ==
                       MCT_THREAD_TOLD_ARGS &&
                   (offsetof(struct mct_thread, tid) & ~(size_t)4) ==
                       MCT_THREAD_IDENTITY,
               "fixed offsets");

#ifdef MCT_BARE
#define MCT_CACHED_THREADS 1 // there is one
#else
#define MCT_CACHED_THREADS 64
#endif

#define MCT_MOST_SHARING      8
// What it is kept by: never 0.
#define MCT_SHARING_KEY(base) ((uintptr_t)(base) | 1)

#define MCT_TIMERS_ENDED 2

// What the images of one process share, in memory that a child gets empty or,
// where that cannot be had, finds as it was.
struct mct_process {
    uint32_t pid;
    uint8_t has_base;        // threads are told apart by a register
    uint8_t is_quick;        // and what is cached is not another process's
    uint8_t is_inherited;    // a forked child finds this as it was
    uint8_t has_cpu;         // rdpid
    struct mct_thread *only; // while it is certain that there is no other
    struct mct_thread *cache[MCT_CACHED_THREADS];
    struct mct_thread *threads;
    uint64_t refused_until; // no room: do not ask again before
    uint64_t serial;        // of chunks
    uint8_t *early;         // chunks from before the file was there
    // The thread that looks after timers; 0: there is none. It sleeps on
    // `stopped`: 0, 1 when it is to end, then MCT_TIMERS_ENDED.
    uint32_t timer_tid, stopped;
    uint32_t profile; // timer that a thread was asked to fire
    // Where somebody watches: the images, and by their register the threads
    // that wait for a child that has their memory.
    struct mct_ahead *ahead; // its images' own
    struct mct_watched *images;
    uintptr_t sharing[MCT_MOST_SHARING];
    struct mct_process *others; // that have inherited this, or one of them
    uintptr_t *witness; // what no forked child is given; NULL: cannot be had
};

extern HIDDEN struct mct_private mct_private;

// Control blocks lie at the end of stacks that are far apart, or close
// together: both halves of the page number count.
INLINE uint32_t mct_thread_slot(uintptr_t base) {
    return (uint32_t)((base >> 6 ^ base >> 13 ^ base >> 23) %
                      MCT_CACHED_THREADS);
}

// A firing for a clause; `opens`: it is the first of its probe's to want one.
// NULL: none can be had, counted.
COLD struct mct_firing *mct_enter_slowly(uint32_t opens, uint64_t stack);
// Memory of the clause, aligned to 8, not cleared; NULL: a fault was raised.
HIDDEN void *mct_scratch(struct mct_firing *firing, uint64_t len);
COLD void mct_zero(uint8_t *at, uint64_t len);
// A block of zeroes of the process alone; NULL: none.
HIDDEN void *mct_map_private(uint64_t len);
// A forked child will find zeroes in these pages; false: it may not.
HIDDEN bool mct_wipe_on_fork(void *at, uint64_t len);
// The process's block, made if need be; NULL: no memory.
HIDDEN struct mct_process *mct_process_get(void);
// NULL: no image of the process has had a need for it.
HIDDEN struct mct_process *mct_process_known(void);
// The calling thread's, made if need be; NULL: no memory, counted.
COLD struct mct_thread *mct_thread_slowly(void);
HIDDEN struct mct_thread *mct_thread_get(struct mct_process *process);
HIDDEN void mct_thread_forget(void); // the calling thread ends
// Where the thread's signal handlers run, if not on its own stack. Not known
// while one runs that has it disarmed (SS_AUTODISARM).
struct mct_stack_range {
    uint64_t from, len;
};
HIDDEN struct mct_stack_range mct_handlers_stack(void);
// Whether what the thread was at, where its stack ended there, has been left by
// a jump: its stack ends at `stack` now.
HIDDEN bool mct_is_left(uint64_t other, uint64_t stack);
// No signal comes to the thread, so that no handler can jump out, until what is
// returned is given back.
HIDDEN uint64_t mct_hold_signals(void);
HIDDEN void mct_release_signals(uint64_t mask);
// A clone() has returned: with 0 in a thread that is new.
COLD void mct_thread_begins(uint64_t result);

// Ends the clause, when the function that was called has returned.
INLINE void mct_fail(struct mct_firing *firing, uint64_t fault,
                     uint64_t value) {
    if (firing->fault == 0) {
        firing->fault = fault;
        firing->fault_value = value;
    }
}

// sharing.c

#ifndef MCT_BARE
#define MCT_WATCHED                                                            \
    ((struct mct_watched *)((uint8_t *)&mct_private + MCT_PRIVATE_WATCHED))
#endif
#define MCT_WATCHED_ASKS 0x80000000u // see sharing.c
COLD uint32_t mct_is_watched_asked(void);
HIDDEN void mct_watch_mark(void); // this process is the one watched, or not
HIDDEN void mct_watch_join(void); // behind that: its process block is known
// Around vfork() and its like, with the flags of clone() or the address of
// clone3()'s arguments, and with the result.
COLD void mct_sharing_begins(uint64_t flags);
COLD void mct_sharing_begins_at(uint64_t args);
COLD void mct_sharing_ends(uint64_t result);

// ahead.c

enum mct_ahead_state { MCT_AHEAD_WANTED = 1, MCT_AHEAD_THERE };
// Room in the file, mapped while it could be; in memory that a child has too.
struct mct_ahead {
    uint64_t address, off, len;
    uint32_t state, pad; // 0, or enum mct_ahead_state
};
HIDDEN struct mct_ahead *mct_ahead_make(void); // NULL: no memory
HIDDEN bool mct_ahead_has(void);
// The piece of the file at `off`, if it is there.
HIDDEN uint8_t *mct_ahead_piece(uint64_t off, uint64_t len);
COLD void mct_ahead_take(void);
// Before system calls, which may take the right to open files: with the user to
// be, the limit and where its value is, the operation, the flags.
COLD void mct_ahead_of_user(uint64_t user);
COLD void mct_ahead_of_limit(uint64_t resource, uint64_t limits);
COLD void mct_ahead_of_prctl(uint64_t operation);
COLD void mct_ahead_of_unshare(uint64_t flags);

#include "recording.h"

// pointer.c: memory by address, of the program or of the script

COLD uint64_t mct_load(struct mct_firing *firing, uint64_t at, uint64_t len);
COLD void mct_store(struct mct_firing *firing, uint64_t at, uint64_t value,
                    uint64_t len);
// `is_ours`: the source is the script's own.
COLD void mct_copy_block(struct mct_firing *firing, uint64_t to, uint64_t from,
                         uint64_t len, uint64_t is_ours);
COLD void mct_record_block(struct mct_firing *firing, uint8_t *to,
                           uint64_t from, uint64_t len, uint64_t is_ours);
COLD void mct_store_text(struct mct_firing *firing, uint64_t to,
                         const char *text, uint64_t size);
COLD uint32_t mct_is_zero(const uint8_t *at, uint64_t len);
// The text that stands there, in memory of the firing.
COLD const char *mct_text_at(struct mct_firing *firing, uint64_t at,
                             uint64_t most, uint64_t is_ours);

// speculation.c: numbers of uses, 0 for none

COLD uint64_t mct_speculation(void); // the id of a new one; 0: none is free
COLD uint64_t mct_speculate(struct mct_firing *firing, uint64_t id,
                            uint64_t len);
COLD uint64_t mct_speculation_end(struct mct_firing *firing, uint64_t id);

// key.c: keys of tables; each says how many words it wrote

COLD uint64_t *mct_room(struct mct_firing *firing, uint64_t len);
COLD uint64_t mct_key_text(uint64_t *to, const char *text);

// dynvar.c: the value of an element, or NULL

COLD uint8_t *mct_dynvar_find(const uint64_t *key, uint64_t used,
                              uint64_t geometry);
COLD uint8_t *mct_dynvar_make(const uint64_t *key, uint64_t used,
                              uint64_t geometry);
COLD void mct_dynvar_free(const uint64_t *key, uint64_t used,
                          uint64_t geometry);

// start.c

// Where a process finds its own settings.
struct mct_environment {
    const uint8_t *random; // 16 bytes of this exec; NULL: not known
    bool secure;           // the environment must not be trusted
    bool has_path;
    char path[4096]; // MCTRACE_PERSISTENCE_FILE
};

HIDDEN void mct_entry(void); // a program's new entry point
HIDDEN void mct_init(void);  // a library's new init function
HIDDEN void mct_start(const uintptr_t *stack);
HIDDEN void mct_library_start(uintptr_t argc, const uintptr_t *argv,
                              const uintptr_t *envp);
// Reads /proc/self.
HIDDEN void mct_environment_read(struct mct_environment *environment);
// The file's path with `%p` replaced and `suffix` behind it; false: too long.
HIDDEN bool mct_path(const struct mct_environment *environment, uint64_t pid,
                     const char *suffix, char *out, uint64_t room);

// attach.c

// Maps the file over the region; the path is NULL if it is too long. Returns 0
// or a negated error number; then the region stays private memory.
HIDDEN long mct_attach(const struct mct_environment *environment,
                       const char *path);

// header.c

HIDDEN void mct_header_fill(struct mct_region *header);

// fire.c, arming.c

HIDDEN void mct_run_end(void);      // once
COLD void mct_exit(int32_t status); // a clause that called exit() is done
COLD void mct_finish(void);         // the process is about to end
COLD void mct_thread_exit(void);    // a thread is; it may be the last one
COLD void mct_arm(void);            // a second thread or a child is to come
// Arms if there are threads already; constructors of libraries may make them.
HIDDEN void mct_arm_if_needed(void);

// timer.c

// Fires what is due; returns nanoseconds until something is, or UINT64_MAX.
// `due` has a time for each timer, zero at first. Profiles are left out or
// taken as if the caller were what runs.
struct mct_due {
    uint64_t *times;
    bool samples; // profiles look at the process's threads
};
HIDDEN bool mct_due_begin(struct mct_due *due);
HIDDEN uint64_t mct_due_fire(struct mct_due *due);
// A thread of ours looks after the timers, if there are any.
HIDDEN void mct_timers_start(void);
HIDDEN void mct_timers_stop(void);

// watch.c

HIDDEN void mct_host(void); // does not return

// platform.c

HIDDEN void mct_library_begin(void); // a library's data is made
// Where a library supplies one, it is called instead of:
HIDDEN bool mct_send_out(int32_t channel, const void *data, uint64_t len);
HIDDEN bool mct_send_by_platform(int32_t channel, const void *data,
                                 uint64_t len);
COLD void mct_record_by_platform(struct mct_thread *thread, const void *at,
                                 uint64_t len);
HIDDEN void *mct_map_by_platform(uint64_t len);
COLD uint64_t mct_timestamp_by_platform(uint64_t least);

// agg.c

// The cells under the `used` words of `key`, a new element if need be; NULL: no
// room, counted.
COLD uint64_t *mct_agg_find(struct mct_table *table, const uint64_t *key,
                            uint32_t used, uint64_t geometry);
// The same of a text that is the whole key, looked at where it stands.
COLD uint64_t *mct_agg_find_text(struct mct_table *table, const char *text,
                                 uint64_t geometry);
#define MCT_HASH_START 0x9e3779b97f4a7c15u
INLINE uint64_t mct_hash_step(uint64_t hash, uint64_t word) {
    hash = (hash ^ word) * 0xff51afd7ed558ccd;
    return hash ^ hash >> 32;
}
INLINE uint64_t mct_hash_end(uint64_t hash) {
    return hash * 0xc4ceb9fe1a85ec53;
}
INLINE uint64_t mct_hash_key(const uint64_t *key, uint64_t words) {
    uint64_t hash = MCT_HASH_START;
    for (uint64_t i = 0; i < words; i++)
        hash = mct_hash_step(hash, key[i]);
    return mct_hash_end(hash);
}
// The same of up to MCT_SHORT_KEY words, for who knows how many.
INLINE uint64_t mct_hash_short(const uint64_t *key, uint64_t words) {
    uint64_t hash = MCT_HASH_START;
    hash = words > 0 ? mct_hash_step(hash, key[0]) : hash;
    hash = words > 1 ? mct_hash_step(hash, key[1]) : hash;
    hash = words > 2 ? mct_hash_step(hash, key[2]) : hash;
    hash = words > 3 ? mct_hash_step(hash, key[3]) : hash;
    return mct_hash_end(hash);
}
INLINE bool mct_short_equal(const uint64_t *a, const uint64_t *b,
                            uint64_t words) {
    return (words < 1 || a[0] == b[0]) && (words < 2 || a[1] == b[1]) &&
           (words < 3 || a[2] == b[2]) && (words < 4 || a[3] == b[3]);
}
INLINE bool mct_key_equal(const uint64_t *a, const uint64_t *b,
                          uint64_t words) {
    for (uint64_t i = 0; i < words; i++)
        if (a[i] != b[i])
            return false;
    return true;
}
INLINE uint64_t mct_entry_words(uint64_t geometry) {
    return MCT_ENTRY_WORDS(geometry >> 16 & 0xffff, geometry >> 32 & 0xffff);
}
// Its value if it is where it is looked for first.
INLINE uint64_t *mct_dynvar_first(const uint64_t *key, uint64_t used,
                                  uint64_t geometry) {
    uint32_t key_words = geometry >> 16 & 0xffff;
    uint64_t entry_words = 1 + key_words + (geometry >> 32 & 0xffff);
    uint64_t mask = ((uint64_t)1 << (geometry & 0xff)) - 1;
    uint64_t hash = mct_hash_short(key, used);
    uint64_t *entry = (uint64_t *)(mct_region + mct_config.dynvar_off +
                                   sizeof(struct mct_dynvars)) +
                      (hash >> 32 & mask) * entry_words;
    bool is_it = mct_word_load(&entry[0]) == MCT_ENTRY_STATE(hash, used) &&
                 mct_short_equal(entry + 1, key, used);
    return is_it ? entry + 1 + key_words : 0;
}
COLD uint32_t mct_llquantize_index(int64_t value, int64_t factor, int64_t low,
                                   int64_t high, int64_t steps);

// clock.c

HIDDEN uint64_t mct_clock(int which); // nanoseconds of a clock of Linux
// What the system says, but not before `least`.
COLD uint64_t mct_timestamp_asked(uint64_t least);
COLD uint64_t mct_vtimestamp(void);
COLD int64_t mct_walltimestamp(void);

enum mct_clock_id {
    MCT_CLOCK_REALTIME = 0,
    MCT_CLOCK_MONOTONIC = 1,
    MCT_CLOCK_THREAD = 3
};

// delta * mult >> 32 without losing the upper half of the product.
INLINE uint64_t mct_scale(uint64_t delta, uint32_t mult) {
#ifdef __SIZEOF_INT128__
    return (uint64_t)((unsigned __int128)delta * mult >> 32);
#else
    return (delta >> 32) * mult + ((delta & UINT32_MAX) * mult >> 32);
#endif
}

// The time, off the line in the header; clock.c says how that is kept.
INLINE uint64_t mct_now(void) {
    struct mct_region *header = MCT_HEADER;
    uint32_t seq = __atomic_load_n(&header->clock_seq, __ATOMIC_ACQUIRE);
    uint32_t mult = __atomic_load_n(&header->clock_mult, __ATOMIC_RELAXED);
    uint64_t start = mct_word_glance(&header->clock_cycles);
    uint64_t ns = mct_word_glance(&header->clock_ns);
    uint64_t span = mct_word_glance(&header->clock_span);
    uint64_t cycles = sys_cycles();
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    if (seq & 1 || mult == 0 ||
        seq != __atomic_load_n(&header->clock_seq, __ATOMIC_RELAXED))
        return mct_timestamp_asked(0);
    // Processors' counters may be a few cycles apart.
    uint64_t since = cycles < start ? 0 : mct_scale(cycles - start, mult);
    return since < span ? ns + since : mct_timestamp_asked(ns + span);
}

// process.c

COLD int32_t mct_pid(void);
COLD int32_t mct_ppid(void);
COLD int32_t mct_tid(void);
COLD uint32_t mct_uid(void);
COLD uint32_t mct_gid(void);
COLD uint32_t mct___euid(void);
COLD uint32_t mct___egid(void);
COLD uint64_t mct___argv(void);
COLD uint64_t mct___bias(void);
COLD uint64_t mct___curcpu(struct mct_firing *firing);
COLD int32_t mct___pri(void);
COLD int32_t mct___pgid(void);
COLD int32_t mct___sid(void);
COLD const char *mct_execname(struct mct_firing *firing);
COLD int32_t mct_copyint32(struct mct_firing *firing, uint64_t address);
COLD void mct_send(int32_t channel);
// Whether a file may become so long; who tries in vain is sent a signal.
HIDDEN bool mct_may_grow(uint64_t len);

// context.c

COLD int32_t mct_progenyof(int64_t pid);
COLD const char *mct_cwd(struct mct_firing *firing);
COLD const char *mct_root(struct mct_firing *firing);
COLD const char *mct___psargs(struct mct_firing *firing);
// The number behind `name` in a thread's or process's status.
HIDDEN uint64_t mct_status_field(int64_t id, const char *name, uint64_t base,
                                 uint64_t otherwise);
COLD int32_t mct___task_pid(int64_t id);
COLD int32_t mct___task_ppid(int64_t id);
COLD uint32_t mct___task_uid(int64_t id);
COLD uint32_t mct___task_gid(int64_t id);
COLD const char *mct___task_name(struct mct_firing *firing, int64_t id);
COLD const char *mct___task_psargs(struct mct_firing *firing, int64_t id);

// signal.c

COLD int32_t mct___signal_target(int64_t id);
COLD int32_t mct___is_thread(int64_t id);
COLD int32_t mct___signal_sent(int64_t id, int64_t number);
COLD int32_t mct___signal_kills(int64_t id, int64_t number);
COLD int32_t mct___signal_discarded(int64_t id, int64_t number);

// act.c

COLD void mct_raise(int64_t signal);
COLD void mct_stop(void);
COLD void mct_chill(struct mct_firing *firing, int64_t ns);

// guard.c

// Where the low `len` bytes of a word lie.
INLINE uint8_t *mct_low_bytes(uint64_t *word, uint64_t len) {
    bool is_big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
    return (uint8_t *)word + (is_big ? sizeof *word - len : 0);
}
// Copies memory of this process that may not be there; false: it is not.
HIDDEN bool mct_read(void *to, uint64_t from, uint64_t len);
// The other way; false: not all of it can be written, though some may be.
HIDDEN bool mct_write(uint64_t to, const void *from, uint64_t len);
// Copies a text without its terminator, at most `most` bytes of it. Its
// length, or -1: it is not there as far as that.
HIDDEN int64_t mct_read_text(char *to, uint64_t from, uint64_t most);
// Whether the calling thread may touch memory that may not be there by the
// routines of sys/<isa>.h.
HIDDEN bool mct_may_fault(void);
// The signals by which it then learns of it, in the first word of a mask; 0:
// by none.
HIDDEN uintptr_t mct_guard_signals(void);
HIDDEN void mct_guard_begin(void); // the file is there: reads become free
// Around rt_sigaction, with addresses of its new and its old action.
COLD void mct_guard_action(uint64_t signal, uint64_t new);
COLD void mct_guard_acted(uint64_t new, uint64_t old);
// Around what may change the thread's mask to `set` (0: it does not).
COLD void mct_guard_mask(uint64_t set);
COLD void mct_guard_mask_pair(uint64_t pair);
// A signal came to stub `index`: the handler to go to; 0: it is done with.
HIDDEN uintptr_t mct_guard_signal(uintptr_t signal, void *info, void *context,
                                  uintptr_t index);

// unwind.c

// Where a walk begins: what generated code knows at a site. The address is the
// one in the image as linked; 0: the site is of no image.
struct mct_site_state {
    uint64_t va;
    uint64_t regs[SYS_BASE_COUNT]; // the stack pointer first
    uint64_t most;                 // frames wanted in a key
    uint64_t ra_off; // of the return address, from the stack pointer on, or
                     // MCT_NO_RA, MCT_RA_LINK
};

// All take the address of such a state. A stack as a variable field of a
// record, and as words of a key: their number, then program counters.
COLD void mct_record_stack(struct mct_firing *firing, uint64_t state,
                           uint64_t most);
COLD uint64_t mct_key_stack(uint64_t *to, uint64_t state);
COLD uint32_t mct_ustackdepth(uint64_t state);
COLD uint64_t mct___pc(uint64_t state);
// The address, after making sure that readers can tell what is there.
COLD uint64_t mct_symbol(uint64_t address);

#include "subroutines.h"

#endif
