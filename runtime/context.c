// context.c: what only /proc can tell of the process a clause runs in.
//
// Files are opened for the moment: nothing of the program's descriptors is
// left changed. The kernel's answer is not trusted to be as it always was:
// what cannot be read is empty, or zero.

#include "rt.h"

#define AT_FDCWD         (-100)
#define O_RDONLY_CLOEXEC 02000000

#define PPID_FIELD     4
#define START_STACK    28
#define MOST_ANCESTORS 4096

#define AT_PHDR        3
#define AT_PHNUM       5
#define PT_LOAD        1
#define PT_PHDR        6
#define MOST_AUXILIARY 64
#define MOST_HEADERS   64

// As in every file of the machine's width.
#if __SIZEOF_POINTER__ == 8
struct program_header {
    uint32_t type, flags;
    uint64_t off, va, pa, file_len, mem_len, align;
};
#else
struct program_header {
    uint32_t type, off, va, pa, file_len, mem_len, flags, align;
};
#endif

static long open_file(const char *path) {
    return sys_call6(SYS_openat, AT_FDCWD, (long)path, O_RDONLY_CLOEXEC, 0, 0,
                     0);
}

// The beginning of a file; 0: there is none.
static uint64_t read_file(const char *path, char *to, uint64_t room) {
    long fd = open_file(path);
    if (fd < 0)
        return 0;
    long len = sys_call3(SYS_read, fd, (long)to, (long)room);
    sys_call3(SYS_close, fd, 0, 0);
    return len < 0 ? 0 : (uint64_t)len;
}

// "/proc/", a number, and what follows.
static void proc_path(uint64_t pid, const char *file, char out[64]) {
    char digits[20];
    uint64_t count = 0, len = sizeof "/proc/" - 1;
    mct_copy(out, "/proc/", len);
    do
        digits[count++] = (char)('0' + pid % 10);
    while ((pid /= 10) != 0);
    while (count > 0)
        out[len++] = digits[--count];
    mct_string_copy(out + len, file, 64 - len);
}

// proc(5): the second field is a name in brackets that may hold anything.
static uint64_t stat_field(uint64_t pid, uint32_t wanted) {
    char path[64], line[1024];
    proc_path(pid, "/stat", path);
    uint64_t len = read_file(path, line, sizeof line), at = len;
    while (at > 0 && line[at - 1] != ')')
        at--;
    uint64_t value = 0;
    for (uint32_t field = 2; at < len && field <= wanted; at++) {
        if (line[at] == ' ')
            field++;
        else if (field == wanted && line[at] >= '0' && line[at] <= '9')
            value = value * 10 + (uint64_t)(line[at] - '0');
    }
    return value;
}

// The process itself is of its own progeny.
int32_t mct_progenyof(int64_t pid) {
    uint64_t at = (uint64_t)sys_call3(SYS_getpid, 0, 0, 0);
    for (uint32_t i = 0; i < MOST_ANCESTORS && at != 0; i++) {
        if (at == (uint64_t)pid)
            return 1;
        at = stat_field(at, PPID_FIELD);
    }
    return 0;
}

static const char *link_target(struct mct_firing *firing, const char *path) {
    char *text = mct_scratch(firing, mct_config.strsize + 1);
    if (!text)
        return 0;
    long len = sys_call6(SYS_readlinkat, AT_FDCWD, (long)path, (long)text,
                         (long)mct_config.strsize, 0, 0);
    text[len < 0 ? 0 : len] = 0;
    return text;
}

const char *mct_cwd(struct mct_firing *firing) {
    return link_target(firing, "/proc/self/cwd");
}

const char *mct_root(struct mct_firing *firing) {
    return link_target(firing, "/proc/self/root");
}

// Where the kernel put the number of the program's arguments, and behind it the
// arguments and the environment.
uint64_t mct___argv(void) {
    return stat_field((uint64_t)sys_call3(SYS_getpid, 0, 0, 0), START_STACK);
}

// How far the program is from where it was linked, by its headers: they tell
// where they were to be themselves, or where the file's beginning was.
static uint64_t bias_of(uint64_t headers, uint64_t count) {
    uint64_t page = headers & ~(uint64_t)4095;
    for (uint64_t i = 0; i < count && i < MOST_HEADERS; i++) {
        const struct program_header *header =
            (const struct program_header *)(uintptr_t)headers + i;
        if (header->type == PT_PHDR)
            return headers - header->va;
        if (header->type == PT_LOAD && header->off == 0)
            return page - header->va;
    }
    return 0;
}

// The program itself knows; its libraries look at its headers.
uint64_t mct___bias(void) {
    if (!(mct_config.flags & (MCT_CONFIG_LIBRARY | MCT_CONFIG_HOST)))
        return (uintptr_t)&mct_config - mct_config.own_va;
    uintptr_t pairs[2 * MOST_AUXILIARY];
    uint64_t headers = 0, count = 0;
    uint64_t len = read_file("/proc/self/auxv", (char *)pairs, sizeof pairs);
    for (uint64_t i = 0; i + 1 < len / sizeof *pairs; i += 2) {
        headers = pairs[i] == AT_PHDR ? pairs[i + 1] : headers;
        count = pairs[i] == AT_PHNUM ? pairs[i + 1] : count;
    }
    return headers ? bias_of(headers, count) : 0;
}

// Of the processor a clause runs on: a structure as the library of D has it.
uint64_t mct___curcpu(struct mct_firing *firing) {
    struct mct_thread *thread = firing->thread;
    thread->cpu = (struct mct_cpu_info){.id = mct_cpu()};
    return (uint64_t)&thread->cpu;
}

// The arguments with a space between them.
static const char *arguments(struct mct_firing *firing, const char *path) {
    uint64_t room = mct_config.strsize;
    char *text = mct_scratch(firing, room + 1);
    if (!text)
        return 0;
    uint64_t len = read_file(path, text, room);
    while (len > 0 && text[len - 1] == 0)
        len--;
    for (uint64_t i = 0; i < len; i++)
        text[i] = text[i] == 0 ? ' ' : text[i];
    text[len] = 0;
    return text;
}

// curpsinfo->pr_psargs
const char *mct___psargs(struct mct_firing *firing) {
    return arguments(firing, "/proc/self/cmdline");
}

// --- other threads and processes ---

struct status_reader {
    long fd;
    long len, at;
    char piece[128];
};

// Whether there is a byte to take.
static bool refill(struct status_reader *reader) {
    if (reader->at == reader->len) {
        reader->len = sys_call3(SYS_read, reader->fd, (long)reader->piece,
                                sizeof reader->piece);
        reader->at = 0;
    }
    if (reader->len <= 0)
        reader->len = reader->at = 0;
    return reader->len > 0;
}

// The next byte of a text; 0: its end.
static char next_byte(struct status_reader *reader) {
    return refill(reader) ? reader->piece[reader->at++] : 0;
}

static uint64_t read_number(struct status_reader *reader, uint64_t base) {
    uint64_t value = 0;
    char c = next_byte(reader);
    while (c == ' ' || c == '\t')
        c = next_byte(reader);
    for (; c > ' '; c = next_byte(reader))
        value = value * base +
                (uint64_t)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    return value;
}

// Finds the line that begins with `name` and reads the number behind.
static uint64_t find_number(struct status_reader *reader, const char *name,
                            uint64_t base, uint64_t otherwise) {
    for (char c = next_byte(reader); c; c = next_byte(reader)) {
        const char *at = name;
        for (; *at && c == *at; at++)
            c = at[1] ? next_byte(reader) : c;
        if (!*at)
            return read_number(reader, base);
        while (c && c != '\n')
            c = next_byte(reader);
    }
    return otherwise;
}

uint64_t mct_status_field(int64_t id, const char *name, uint64_t base,
                          uint64_t otherwise) {
    char path[64];
    proc_path((uint64_t)id, "/status", path);
    struct status_reader reader = {.fd = open_file(path)};
    if (reader.fd < 0)
        return otherwise;
    uint64_t value = find_number(&reader, name, base, otherwise);
    sys_call3(SYS_close, reader.fd, 0, 0);
    return value;
}

int32_t mct___task_pid(int64_t id) {
    return (int32_t)mct_status_field(id, "Tgid:", 10, (uint64_t)id);
}

int32_t mct___task_ppid(int64_t id) {
    return (int32_t)mct_status_field(id, "PPid:", 10, 0);
}

uint32_t mct___task_uid(int64_t id) {
    return (uint32_t)mct_status_field(id, "Uid:", 10, 0);
}

uint32_t mct___task_gid(int64_t id) {
    return (uint32_t)mct_status_field(id, "Gid:", 10, 0);
}

const char *mct___task_name(struct mct_firing *firing, int64_t id) {
    char path[64], *name = mct_scratch(firing, 17);
    if (!name)
        return 0;
    proc_path((uint64_t)id, "/comm", path);
    uint64_t len = read_file(path, name, 16);
    name[len > 0 && name[len - 1] == '\n' ? len - 1 : len] = 0;
    return name;
}

const char *mct___task_psargs(struct mct_firing *firing, int64_t id) {
    char path[64];
    proc_path((uint64_t)id, "/cmdline", path);
    return arguments(firing, path);
}
