// start.c: the added code's first steps in a process.
//
//     program   mct_entry -> mct_start   -> the program's own entry point
//     library   mct_init  -> mct_library_start -> the library's own init
//
// A program reads its environment and the auxiliary vector off the stack that
// the kernel made (psABI, 3.4.1). So does a library if its init function is
// told where that is; else it reads /proc/self. Either decides where the
// telemetry goes: the path given when the program was instrumented, or
// MCTRACE_PERSISTENCE_FILE, which a set-user-ID program (AT_SECURE) does not
// listen to.

#include "rt.h"

#define AT_NULL          0
#define AT_SECURE        23
#define AT_RANDOM        25
#define AT_FDCWD         (-100)
#define O_RDONLY_CLOEXEC 02000000
#define MOST_ARGUMENTS   ((uint64_t)1 << 31)

static const char variable[] = "MCTRACE_PERSISTENCE_FILE=";

SYS_DEFINE_ENTRIES

static void take_auxiliary(struct mct_environment *environment, uint64_t type,
                           uint64_t value) {
    if (type == AT_SECURE)
        environment->secure = value != 0;
    if (type == AT_RANDOM)
        environment->random = (const uint8_t *)(uintptr_t)value;
}

// The text is taken in pieces: `matched` bytes of the variable's name have
// been seen, then its value follows, `len` bytes of which are stored.
struct search {
    unsigned matched, len;
    bool is_other; // the rest of this string is something else
};

static void search_byte(struct mct_environment *environment,
                        struct search *search, char byte) {
    const unsigned name_len = sizeof variable - 1;
    if (byte == 0) {
        if (search->matched == name_len && !environment->has_path) {
            environment->path[search->len] = 0;
            environment->has_path = search->len != 0;
        }
        *search = (struct search){0, 0, false};
    } else if (search->is_other || environment->has_path) {
        return;
    } else if (search->matched < name_len) {
        if (byte == variable[search->matched])
            search->matched++;
        else
            search->is_other = true;
    } else if (search->len < sizeof environment->path - 1) {
        environment->path[search->len++] = byte;
    }
}

static void search_text(struct mct_environment *environment, const char *text) {
    struct search search = {0, 0, false};
    do
        search_byte(environment, &search, *text);
    while (*text++);
}

static long open_for_reading(const char *path) {
    return sys_call6(SYS_openat, AT_FDCWD, (long)path, O_RDONLY_CLOEXEC, 0, 0,
                     0);
}

static void read_auxiliary(struct mct_environment *environment) {
    // What cannot be read is not trusted.
    environment->secure = true;
    long fd = open_for_reading("/proc/self/auxv");
    if (fd < 0)
        return;
    uintptr_t pairs[128];
    long len = sys_call3(SYS_read, fd, (long)pairs, sizeof pairs);
    sys_call3(SYS_close, fd, 0, 0);
    long count = len / (long)sizeof *pairs;
    for (long i = 0; i + 2 <= count && pairs[i] != AT_NULL; i += 2)
        take_auxiliary(environment, pairs[i], pairs[i + 1]);
}

void mct_environment_read(struct mct_environment *environment) {
    environment->random = 0;
    environment->has_path = false;
    read_auxiliary(environment);
    long fd = environment->secure ? -1 : open_for_reading("/proc/self/environ");
    if (fd < 0)
        return;
    struct search search = {0, 0, false};
    char piece[512];
    long len;
    while ((len = sys_call3(SYS_read, fd, (long)piece, sizeof piece)) > 0)
        for (long i = 0; i < len; i++)
            search_byte(environment, &search, piece[i]);
    sys_call3(SYS_close, fd, 0, 0);
}

// Text

struct text {
    char *out;
    uint64_t len, room;
};

static void add_byte(struct text *text, char byte) {
    if (text->len < text->room)
        text->out[text->len] = byte;
    text->len++;
}

static void add_text(struct text *text, const char *more) {
    for (; *more; more++)
        add_byte(text, *more);
}

static void add_number(struct text *text, uint64_t number) {
    uint64_t unit = 1;
    while (number / unit >= 10)
        unit *= 10;
    for (; unit != 0; unit /= 10)
        add_byte(text, (char)('0' + number / unit % 10));
}

bool mct_path(const struct mct_environment *environment, uint64_t pid,
              const char *suffix, char *out, uint64_t room) {
    struct text text = {out, 0, room};
    bool is_chosen = environment->has_path && !environment->secure &&
                     !(mct_config.flags & MCT_CONFIG_WATCHED);
    const char *path = is_chosen ? environment->path : mct_config.path;
    for (; *path; path++) {
        if (path[0] == '%' && path[1] == 'p') {
            add_number(&text, pid);
            path++;
        } else {
            add_byte(&text, *path);
        }
    }
    add_text(&text, suffix);
    add_byte(&text, 0);
    return text.len <= room;
}

static const char *error_text(long error) {
    switch (-error) {
    case 1: return "not permitted";
    case 2: return "no such folder";
    case 13: return "permission denied";
    case 17: return "something else is in the way";
    case 20: return "part of the path is no folder";
    case 21: return "it is a folder";
    case 22:
    case 19: return "the file cannot be mapped";
    case 23:
    case 24: return "too many open files";
    case 27: return "larger than files may be (ulimit -f)";
    case 28: return "no space left";
    case 30: return "read-only file system";
    case 36: return "the path is too long";
    case 40: return "it is a symbolic link";
    case 122: return "over quota";
    default: return 0;
    }
}

static void say(const char *what, const char *where, const char *why) {
    char line[5000];
    struct text text = {line, 0, sizeof line};
    add_text(&text, "mctrace: ");
    add_text(&text, what);
    add_text(&text, where);
    add_text(&text, ": ");
    add_text(&text, why);
    add_byte(&text, '\n');
    uint64_t len = text.len < sizeof line ? text.len : sizeof line;
    sys_call3(SYS_write, 2, (long)line, (long)len);
}

static void complain(const char *path, long error) {
    char number[32];
    struct text text = {number, 0, sizeof number};
    add_text(&text, "error ");
    add_number(&text, (uint64_t)-error);
    add_byte(&text, 0);
    const char *reason = error_text(error);
    say("no telemetry: ", path, reason ? reason : number);
}

// Most loaders start the libraries that a program needs before it. Without
// /proc, or when the folder beside the program was left behind, they take
// others. Where libraries start later, `extract` sees what did not come. A host
// comes before all others.
static void count_images(void) {
    if (!(mct_config.flags &
          (MCT_CONFIG_LIBRARY | MCT_CONFIG_LATE | MCT_CONFIG_HOST)) &&
        __atomic_load_n(&MCT_HEADER->attached, __ATOMIC_RELAXED) <
            mct_config.image_count)
        say("telemetry is incomplete", "",
            "the loader took other libraries than the instrumented ones");
}

// A library says nothing: its program will, for the same reason. But where it
// cannot tell whose file it would find, the two would go different ways.
static void attach(const struct mct_environment *environment, bool speaks) {
    mct_watch_mark();
    char path[4128];
    uint64_t pid = (uint64_t)sys_call3(SYS_getpid, 0, 0, 0);
    bool fits = mct_path(environment, pid, "", path, sizeof path);
    path[sizeof path - 1] = 0;
    bool is_lost = !speaks && !environment->random;
    long error = mct_attach(environment, fits && !is_lost ? path : 0);
    if (is_lost)
        say("no telemetry of a library", "", "/proc is not mounted");
    else if (error != 0 && speaks)
        complain(path, error);
    else if (error == 0)
        count_images();
    mct_watch_join();
    if (!is_lost && error == 0 && (mct_config.flags & MCT_CONFIG_GUARD))
        mct_guard_begin();
}

// Every image of a process carries BEGIN; the first to attach runs it, before
// the code of its own program or library goes on. (Without a file each has
// variables of its own to begin with.)
static void begin(void) {
    if (__atomic_load_n(&MCT_HEADER->attached, __ATOMIC_RELAXED) <= 1)
        mct_begin();
}

static bool is_setting(const char *text, const char *name) {
    for (; *name; name++, text++)
        if (*text != *name)
            return false;
    return *text != 0;
}

// Whether the loader was asked to bring libraries that nobody has looked at:
// they may make threads at any time.
static bool names_more_code(const char *text) {
    return is_setting(text, "LD_PRELOAD=") || is_setting(text, "LD_AUDIT=");
}

// The stack as the kernel made it: argc, argv, environment, auxiliary vector.
// Whether the loader was asked to bring more code.
static bool read_stack(struct mct_environment *environment,
                       const uintptr_t *stack) {
    bool is_preloaded = false;
    environment->random = 0;
    environment->secure = environment->has_path = false;
    const uintptr_t *at = stack + 1 + stack[0] + 1;
    for (; *at; at++) {
        search_text(environment, (const char *)*at);
        is_preloaded |= names_more_code((const char *)*at);
    }
    for (at++; at[0] != AT_NULL; at += 2)
        take_auxiliary(environment, at[0], at[1]);
    return is_preloaded;
}

void mct_start(const uintptr_t *stack) {
    struct mct_environment environment;
    bool is_preloaded = read_stack(&environment, stack);
    mct_library_begin();
    attach(&environment, true);
    if (is_preloaded && (mct_config.flags & MCT_CONFIG_FLIP_LOCKS))
        mct_arm();
    else
        mct_arm_if_needed();
    begin();
    mct_executed();
    if (mct_config.flags & MCT_CONFIG_HOST)
        mct_host();
    mct_timers_start();
}

// Whether these are what the kernel put on the stack, as glibc passes them to
// init functions; musl passes nothing, so they may be anything.
static bool is_initial(uintptr_t argc, const uintptr_t *argv,
                       const uintptr_t *envp) {
    uintptr_t before, behind;
    return argc < MOST_ARGUMENTS && envp == argv + argc + 1 &&
           mct_read(&before, (uintptr_t)(argv - 1), sizeof before) &&
           before == argc &&
           mct_read(&behind, (uintptr_t)(argv + argc), sizeof behind) &&
           behind == 0;
}

void mct_library_start(uintptr_t argc, const uintptr_t *argv,
                       const uintptr_t *envp) {
    struct mct_environment environment;
    mct_library_begin();
    if (is_initial(argc, argv, envp))
        read_stack(&environment, argv - 1);
    else
        mct_environment_read(&environment);
    attach(&environment, false);
    begin();
    // One that is instrumented alone has no program to do it.
    if (!(mct_config.flags & MCT_CONFIG_SEVERAL))
        mct_timers_start();
}
