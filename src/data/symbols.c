// symbols.c: names of addresses in processes that may be gone.
//
// A process tells what is loaded in it, a line for each image with the build id
// (mctrace/records.h). When an address is asked for, the file that lies at the
// path is opened, once for all processes, and its symbols are searched. A file
// of another build is not believed; then, as for one that is gone, only the
// module is known. Instrumented files have the symbols of the originals; the
// program itself is called what the mapping calls it.
//
// Of several symbols that hold an address the nearest before it is taken, then
// as DTrace prefers them: functions, names that other images see, names that
// begin with fewer underscores, shorter extents, and the first in the alphabet.

#include <stdlib.h>
#include <string.h>

#include "data/data.h"

#define PAGE 4096u

// A file, opened when the first of its names is wanted.
struct names {
    bool is_opened;
    struct str program; // what it is called instead; empty: its base name
    uint64_t first_va;  // of the first segment's page
    struct symbol *symbols;
    uint64_t *ends; // the farthest end of all symbols up to here
    size_t count;
};

struct loaded {
    uint64_t from, to;
    struct str path, build_id;
    struct names *names;
};

// What a process has told last, by address.
struct process {
    uint32_t pid;
    struct loaded *items;
    size_t count, room;
    struct map found; // named_address by address
};

struct symbols {
    struct arena *arena;
    const struct mapping *mapping;
    struct map processes, files; // by pid; by path and build id
    // Whose list stands for processes that told nothing: keys of aggregations
    // are of no process, and children begin as their parents.
    struct process *first;
};

// --- what is loaded ---

static int hex_digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static uint64_t take_hex(struct str *line) {
    uint64_t value = 0;
    for (; line->n > 0 && hex_digit(line->p[0]) >= 0; line->p++, line->n--)
        value = value << 4 | (uint64_t)hex_digit(line->p[0]);
    return value;
}

// False: another character, or none.
static bool take_char(struct str *line, char c) {
    if (line->n == 0 || line->p[0] != c)
        return false;
    line->p++;
    line->n--;
    return true;
}

static struct str until(struct str text, char c) {
    const char *end = str_find(text, c);
    return end ? (struct str){text.p, (size_t)(end - text.p)} : text;
}

static struct names *names_of(struct symbols *symbols,
                              const struct loaded *loaded) {
    struct str key =
        str_format(symbols->arena, "%.*s\t%.*s", STR_ARGS(loaded->path),
                   STR_ARGS(loaded->build_id));
    struct names *names = map_get(&symbols->files, key);
    if (!names) {
        names = ARENA_NEW(symbols->arena, struct names);
        map_put(&symbols->files, key, names);
    }
    return names;
}

static void take_line(struct symbols *symbols, struct process *process,
                      struct str line) {
    struct loaded loaded = {.from = take_hex(&line)};
    if (!take_char(&line, '-'))
        return;
    loaded.to = take_hex(&line);
    if (!take_char(&line, ' ') || loaded.to <= loaded.from)
        return;
    loaded.path = until(line, '\t');
    line = str_slice(line, loaded.path.n, line.n);
    if (take_char(&line, '\t'))
        loaded.build_id = line;
    loaded.names = names_of(symbols, &loaded);
    *ARENA_PUSH(symbols->arena, process->items, process->count, process->room) =
        loaded;
}

static int by_address(const void *a, const void *b) {
    const struct loaded *x = a, *y = b;
    return (x->from > y->from) - (x->from < y->from);
}

static void learn(void *state, uint32_t pid, struct str maps) {
    struct symbols *symbols = state;
    struct process *process = map_get_number(&symbols->processes, pid);
    if (!process) {
        process = ARENA_NEW(symbols->arena, struct process);
        process->pid = pid;
        map_put_number(&symbols->processes, pid, process);
        if (!symbols->first)
            symbols->first = process;
    }
    process->count = 0;
    map_init(&process->found, symbols->arena);
    maps = str_copy(symbols->arena, maps);
    while (maps.n > 0) {
        struct str line = until(maps, '\n');
        take_line(symbols, process, line);
        maps = str_slice(maps, line.n + (line.n < maps.n), maps.n);
    }
    if (process->count > 0)
        qsort(process->items, process->count, sizeof *process->items,
              by_address);
}

// --- symbols of a file ---

static unsigned underscores(struct str name) {
    unsigned count = 0;
    while (count < name.n && name.p[count] == '_')
        count++;
    return count;
}

static int prefer(bool a, bool b) {
    return (int)b - (int)a;
}

static bool is_function(const struct symbol *symbol) {
    return symbol->kind == SYMBOL_FUNCTION || symbol->kind == SYMBOL_IFUNC;
}

// By address; of one address the preferred one comes last.
static int by_preference(const void *first, const void *second) {
    const struct symbol *a = second, *b = first;
    if (a->va != b->va)
        return a->va < b->va ? 1 : -1;
    int order = prefer(is_function(a), is_function(b));
    if (order == 0)
        order = prefer(a->global, b->global);
    if (order == 0)
        order = prefer(a->name.p[0] != '$', b->name.p[0] != '$');
    if (order == 0)
        order = (int)underscores(a->name) - (int)underscores(b->name);
    if (order == 0)
        order = (a->len > b->len) - (a->len < b->len);
    return order != 0 ? order : str_compare(a->name, b->name);
}

static bool is_build(const struct image *image, struct str build_id) {
    if (build_id.n == 0 || image->build_id.n == 0)
        return build_id.n == image->build_id.n;
    if (build_id.n != 2 * image->build_id.n)
        return false;
    for (size_t i = 0; i < image->build_id.n; i++)
        if (hex_digit(build_id.p[2 * i]) != image->build_id.p[i] >> 4 ||
            hex_digit(build_id.p[2 * i + 1]) != (image->build_id.p[i] & 15))
            return false;
    return true;
}

// They outlive the image, so names are copied.
static void keep_symbols(struct symbols *symbols, struct names *names,
                         const struct image *image, size_t *room) {
    for (size_t i = 0; image && i < image->symbol_count; i++) {
        struct symbol symbol = image->symbols[i];
        if (symbol.name.n == 0)
            continue;
        symbol.name = str_copy(symbols->arena, symbol.name);
        *ARENA_PUSH(symbols->arena, names->symbols, names->count, *room) =
            symbol;
    }
}

static void sort_symbols(struct symbols *symbols, struct names *names) {
    uint64_t end = 0;
    if (names->count == 0)
        return;
    qsort(names->symbols, names->count, sizeof *names->symbols, by_preference);
    names->ends = ARENA_ARRAY(symbols->arena, uint64_t, names->count);
    for (size_t i = 0; i < names->count; i++) {
        const struct symbol *symbol = &names->symbols[i];
        if (symbol->va + symbol->len > end)
            end = symbol->va + symbol->len;
        names->ends[i] = end;
    }
}

// What was stripped of the image is in a separate file, if it is here.
static void read_names(struct symbols *symbols, struct names *names,
                       struct image *image) {
    size_t room = 0;
    names->first_va = UINT64_MAX;
    for (size_t i = 0; i < image->segment_count; i++)
        if (image->segments[i].va < names->first_va)
            names->first_va = image->segments[i].va;
    names->first_va -= names->first_va % PAGE;
    keep_symbols(symbols, names, image, &room);
    struct image *separate = debug_find_separate(image);
    keep_symbols(symbols, names, separate, &room);
    image_close(separate);
    sort_symbols(symbols, names);
}

static void open_names(struct symbols *symbols, const struct loaded *loaded) {
    struct names *names = loaded->names;
    names->is_opened = true;
    if (loaded->path.n == 0 || loaded->path.p[0] != '/')
        return;
    struct arena *arena = arena_new();
    struct diag quiet = {.quiet = true};
    struct image *image =
        image_open(arena, str_terminated(arena, loaded->path), &quiet);
    struct str embedded;
    if (image && image_embedded(image, &embedded) && embedded.n > 0)
        names->program = str_base_name(symbols->mapping->program);
    if (image && is_build(image, loaded->build_id))
        read_names(symbols, names, image);
    image_close(image);
    arena_free(arena);
}

// The symbol that holds `va`. One without a length reaches to the next.
static const struct symbol *find_symbol(const struct names *names,
                                        uint64_t va) {
    size_t low;
    LOWER_BOUND(low, names->count, names->symbols[low].va <= va);
    bool is_next = true;
    for (size_t i = low; i-- > 0; is_next = false) {
        const struct symbol *symbol = &names->symbols[i];
        if (va - symbol->va < symbol->len || (symbol->len == 0 && is_next))
            return symbol;
        if (names->ends[i] <= va && !is_next)
            break;
    }
    return NULL;
}

// --- asking ---

static const struct loaded *find_loaded(const struct process *process,
                                        uint64_t pc) {
    size_t low;
    LOWER_BOUND(low, process->count, process->items[low].from <= pc);
    return low > 0 && pc < process->items[low - 1].to ? &process->items[low - 1]
                                                      : NULL;
}

static bool find(void *state, uint32_t pid, uint64_t pc,
                 struct named_address *found) {
    struct symbols *symbols = state;
    struct process *process = map_get_number(&symbols->processes, pid);
    if (!process)
        process = symbols->first;
    if (!process)
        return false;
    const struct named_address *known = map_get_number(&process->found, pc);
    if (known) {
        *found = *known;
        return true;
    }
    const struct loaded *loaded = find_loaded(process, pc);
    if (!loaded)
        return false;
    if (!loaded->names->is_opened)
        open_names(symbols, loaded);
    const struct names *names = loaded->names;
    uint64_t bias = loaded->from - names->first_va;
    const struct symbol *symbol = find_symbol(names, pc - bias);
    *found = (struct named_address){
        .module =
            names->program.n > 0 ? names->program : str_base_name(loaded->path),
        .name = symbol ? symbol->name : (struct str){0},
        .start = symbol ? symbol->va + bias : 0,
        .module_start = loaded->from,
    };
    struct named_address *kept =
        ARENA_NEW(symbols->arena, struct named_address);
    *kept = *found;
    map_put_number(&process->found, pc, kept);
    return true;
}

struct symbol_source symbols_open(struct arena *arena,
                                  const struct mapping *mapping) {
    struct symbols *symbols = ARENA_NEW(arena, struct symbols);
    symbols->arena = arena;
    symbols->mapping = mapping;
    map_init(&symbols->processes, arena);
    map_init(&symbols->files, arena);
    return (struct symbol_source){learn, find, symbols};
}
