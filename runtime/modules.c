// modules.c: what is loaded where.
//
// Asked of the system when an address is met that belongs to nothing known:
// at the first stack, and whenever a library was loaded since. A module is an
// image, from its first mapping to its last, or executable memory that is no
// file's, where programs put code that they make. The list of images is kept
// as text too, for readers, who name functions after the process is gone.

#include "unwind.h"

#define AT_FDCWD         (-100)
#define O_RDONLY_CLOEXEC 02000000
#define PAGE             4096u
#define ELF_MAGIC        TAG(0x7f, 'E', 'L', 'F')
#define PT_LOAD          1
#define PT_NOTE          4
#define PT_GNU_EH_FRAME  0x6474e550u
#define NT_GNU_BUILD_ID  3
#define GNU              TAG('G', 'N', 'U', 0)
#define MOST_HEADERS     64
#define MOST_NOTES       32

// Four bytes of a file as a number.
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define TAG(a, b, c, d)                                                        \
    ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (d))
#else
#define TAG(a, b, c, d)                                                        \
    ((uint32_t)(d) << 24 | (uint32_t)(c) << 16 | (uint32_t)(b) << 8 | (a))
#endif

// Where fields lie in a file's header and in a program header.
#if __SIZEOF_POINTER__ == 8
#define HEADERS_AT     32
#define HEADER_LEN_AT  54
#define HEADER_COUNT   56
#define SEGMENT_VA     16
#define SEGMENT_LEN_AT 40
#else
#define HEADERS_AT     28
#define HEADER_LEN_AT  42
#define HEADER_COUNT   44
#define SEGMENT_VA     8
#define SEGMENT_LEN_AT 20
#endif

// --- images ------------------------------------------------------------------

static uint64_t load(uint64_t at, unsigned len) {
    uint64_t value = 0;
    return mct_unwind_load(at, &value, len) ? value : 0;
}

static void add_char(struct mct_modules *modules, char c) {
    if (modules->text_len < MCT_MODULE_TEXT)
        modules->text[modules->text_len++] = c;
}

static void add_hex(struct mct_modules *modules, uint64_t value,
                    unsigned digits) {
    static const char letters[] = "0123456789abcdef";
    while (digits < 16 && value >> 4 * digits != 0)
        digits++;
    while (digits-- > 0)
        add_char(modules, letters[value >> 4 * digits & 15]);
}

static void add_build_id(struct mct_modules *modules, uint64_t at,
                         uint64_t len) {
    uint64_t end = at + len;
    for (int i = 0; i < MOST_NOTES && end - at >= 12 && end > at; i++) {
        uint64_t name_len = load(at, 4), id_len = load(at + 4, 4);
        uint64_t id = at + 12 + ((name_len + 3) & ~(uint64_t)3);
        if (load(at + 8, 4) == NT_GNU_BUILD_ID && name_len == 4 &&
            load(at + 12, 4) == GNU && id_len <= 64) {
            for (uint64_t k = 0; k < id_len; k++)
                add_hex(modules, load(id + k, 1), 2);
            return;
        }
        at = id + ((id_len + 3) & ~(uint64_t)3);
    }
}

// What the program headers say: where the table of frames is, and which build
// this is. The first segment holds them and begins with the file.
static void open_image(struct mct_modules *modules, struct mct_module *module) {
    uint64_t headers = module->from + load(module->from + HEADERS_AT, MCT_WORD);
    uint64_t len = load(module->from + HEADER_LEN_AT, 2);
    uint64_t count = load(module->from + HEADER_COUNT, 2), bias = 0;
    bool is_based = false;
    for (uint64_t i = 0; i < count && i < MOST_HEADERS; i++) {
        uint64_t at = headers + i * len, type = load(at, 4);
        uint64_t va = load(at + SEGMENT_VA, MCT_WORD);
        if (type == PT_LOAD && !is_based) {
            bias = module->from - (va & ~(uint64_t)(PAGE - 1));
            is_based = true;
        }
    }
    for (uint64_t i = 0; is_based && i < count && i < MOST_HEADERS; i++) {
        uint64_t at = headers + i * len, type = load(at, 4);
        uint64_t va = load(at + SEGMENT_VA, MCT_WORD);
        if (type == PT_GNU_EH_FRAME)
            mct_frames_open(module, bias + va);
#ifdef SYS_EXIDX
        if (type == SYS_EXIDX) {
            module->exidx = (uintptr_t)(bias + va);
            module->exidx_count = load(at + SEGMENT_LEN_AT, MCT_WORD) / 8;
        }
#endif
        if (type == PT_NOTE)
            add_build_id(modules, bias + va,
                         load(at + SEGMENT_LEN_AT, MCT_WORD));
    }
}

// This image may have been given a table.
static void take_own(struct mct_module *module) {
    uint64_t own = (uint64_t)mct_search;
    if (module->table == 0 && own >= module->from && own < module->to) {
        module->header = own;
        module->table = own + sizeof *mct_search;
        module->fde_count = mct_search[0];
    }
}

// --- /proc/self/maps ---------------------------------------------------------

// A line in the making: from-to rwxp offset dev inode   path
struct line {
    uint64_t numbers[3]; // from, to, offset
    unsigned number, field;
    bool is_code, is_readable;
    uint32_t path; // where it begins in the text
};

static bool same_path(const struct mct_modules *modules, uint32_t a, uint32_t b,
                      uint32_t len) {
    for (uint32_t i = 0; i < len; i++)
        if (modules->text[a + i] != modules->text[b + i])
            return false;
    return true;
}

static struct mct_module *add_module(struct mct_modules *modules,
                                     const struct line *line) {
    if (modules->count == MCT_MODULES)
        return 0;
    struct mct_module *module = &modules->items[modules->count++];
    *module =
        (struct mct_module){.from = line->numbers[0], .to = line->numbers[1]};
    return module;
}

// `last` is the image found before: its module, and where its path is.
struct looking {
    struct mct_modules *modules;
    struct line line;
    struct mct_module *last;
    uint32_t last_path, last_len, last_range;
};

// The text of an image gets its range when the last of its mappings is known.
static void end_image(struct looking *looking) {
    struct mct_modules *modules = looking->modules;
    if (!looking->last)
        return;
    take_own(looking->last);
    uint32_t end = modules->text_len;
    modules->text_len = looking->last_range;
    add_hex(modules, looking->last->from, 16);
    add_char(modules, '-');
    add_hex(modules, looking->last->to, 16);
    add_char(modules, ' ');
    modules->text_len = end;
}

#define RANGE_LEN 34

static void begin_image(struct looking *looking, uint32_t len) {
    struct mct_modules *modules = looking->modules;
    struct line *line = &looking->line;
    end_image(looking);
    looking->last = add_module(modules, line);
    looking->last_path = line->path;
    looking->last_len = len;
    looking->last_range = line->path - RANGE_LEN;
    if (!looking->last)
        return;
    add_char(modules, '\t');
    open_image(modules, looking->last);
    add_char(modules, '\n');
}

static void end_line(struct looking *looking) {
    struct mct_modules *modules = looking->modules;
    struct line *line = &looking->line;
    uint32_t len = modules->text_len - line->path;
    const char *path = modules->text + line->path;
    bool is_file = len > 0 && path[0] == '/';
    bool is_kernels = len == 6 && path[1] == 'v' && path[2] == 'd';
    bool is_start = line->numbers[2] == 0 && (is_file || is_kernels) &&
                    line->is_readable && load(line->numbers[0], 4) == ELF_MAGIC;
    bool is_more = looking->last && !is_start && len == looking->last_len &&
                   same_path(modules, line->path, looking->last_path, len);
    if (is_start && modules->text_len + 256 < MCT_MODULE_TEXT) {
        begin_image(looking, len);
        return;
    }
    modules->text_len = line->path - RANGE_LEN;
    if (is_more)
        looking->last->to = line->numbers[1];
    else if (line->is_code)
        add_module(modules, line);
}

static void begin_line(struct looking *looking) {
    struct mct_modules *modules = looking->modules;
    looking->line = (struct line){.number = 0};
    for (int i = 0; i < RANGE_LEN; i++)
        add_char(modules, ' ');
    looking->line.path = modules->text_len;
}

static void take_char(struct looking *looking, char c) {
    struct line *line = &looking->line;
    if (c == '\n') {
        end_line(looking);
        begin_line(looking);
    } else if (line->field >= 5) {
        if (c != ' ' || looking->modules->text_len > line->path)
            add_char(looking->modules, c);
    } else if (c == ' ') {
        line->field++;
    } else if (line->field == 1) {
        line->is_readable |= c == 'r';
        line->is_code |= c == 'x';
    } else if (c == '-' && line->field == 0) {
        line->number = 1;
    } else if (line->field == 0 || line->field == 2) {
        uint64_t *number = &line->numbers[line->field == 2 ? 2 : line->number];
        *number = *number << 4 | (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
    }
}

static __attribute__((noinline)) void look(struct mct_modules *modules) {
    char *piece = modules->piece;
    struct looking *looking = (struct looking *)modules->looking;
    _Static_assert(sizeof *looking <= sizeof modules->looking, "room");
    *looking = (struct looking){.modules = modules};
    long fd = sys_call6(SYS_openat, AT_FDCWD, (long)"/proc/self/maps",
                        O_RDONLY_CLOEXEC, 0, 0, 0);
    modules->count = 0;
    modules->text_len = 0;
    modules->is_told = 0;
    if (fd < 0)
        return;
    begin_line(looking);
    long len;
    while ((len = sys_call3(SYS_read, fd, (long)piece, sizeof modules->piece)) >
           0)
        for (long i = 0; i < len; i++)
            take_char(looking, piece[i]);
    sys_call3(SYS_close, fd, 0, 0);
    end_image(looking);
    modules->text_len = looking->line.path - RANGE_LEN;
}

// --- asking ------------------------------------------------------------------

static bool find(const struct mct_modules *modules, uint64_t at,
                 struct mct_module *module) {
    uint32_t version = __atomic_load_n(&modules->version, __ATOMIC_ACQUIRE);
    for (uint32_t i = 0; i < modules->count && i < MCT_MODULES; i++) {
        const struct mct_module *item = &modules->items[i];
        if (at < item->from || at >= item->to)
            continue;
        mct_copy(module, item, sizeof *module);
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
        return version % 2 == 0 &&
               __atomic_load_n(&modules->version, __ATOMIC_RELAXED) == version;
    }
    return false;
}

enum mct_found mct_module_at(struct mct_modules *modules, uint64_t at,
                             struct mct_module *module) {
    uint64_t page = at / PAGE, *nowhere = &modules->nowhere[page % 64];
    if (find(modules, at, module))
        return MCT_FOUND;
    uint32_t version = __atomic_load_n(&modules->version, __ATOMIC_RELAXED);
    if (*nowhere == page + 1 || version % 2 != 0)
        return MCT_FOUND_NOTHING;
    uint64_t mask = mct_hold_signals();
    bool is_ours =
        __atomic_compare_exchange_n(&modules->version, &version, version + 1,
                                    false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
    if (is_ours) {
        look(modules);
        __atomic_store_n(&modules->version, version + 2, __ATOMIC_RELEASE);
    }
    mct_release_signals(mask);
    if (!is_ours)
        return MCT_FOUND_NOTHING;
    if (find(modules, at, module))
        return MCT_FOUND_AFTER_LOOKING;
    *nowhere = page + 1;
    return MCT_FOUND_NOTHING;
}
