// folders.c: D libraries, the files that end in ".d" in the folders of -L.
//
// They are read ahead of the script, each behind those that it names:
//
//     #pragma D depends_on library other.d
//
// One that depends on itself, or on what is in none of the folders, is an
// error. A folder that cannot be read has no libraries.

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "script/script.h"

struct folder_library {
    struct source source;
    const char *name; // of the file alone
    bool is_begun, is_read;
};

struct libraries {
    struct script *script;
    struct folder_library *items;
    size_t count, room;
};

static int by_name(const void *a, const void *b) {
    const struct folder_library *one = a, *other = b;
    return strcmp(one->name, other->name);
}

static void add_library(struct libraries *libraries, struct str folder,
                        const char *name) {
    struct script *script = libraries->script;
    struct str path =
        str_format(script->arena, "%.*s/%s", STR_ARGS(folder), name);
    struct file file;
    if (!file_open(&file, path.p, script->diag))
        return;
    struct str text = {(const char *)file.data.p, file.data.n};
    struct folder_library *library = ARENA_PUSH(
        script->arena, libraries->items, libraries->count, libraries->room);
    library->name = str_copy(script->arena, str_from(name)).p;
    library->source.name = path;
    library->source.text = str_copy(script->arena, text);
    library->source.failure = str_format(
        script->arena, "failed to compile script %.*s", STR_ARGS(path));
    file_close(&file);
}

static void add_folder(struct libraries *libraries, struct str folder) {
    size_t first = libraries->count;
    DIR *dir = opendir(str_terminated(libraries->script->arena, folder));
    if (!dir)
        return;
    for (struct dirent *entry; (entry = readdir(dir));)
        if (entry->d_name[0] != '.' &&
            str_ends_with(str_from(entry->d_name), STR(".d")))
            add_library(libraries, folder, entry->d_name);
    closedir(dir);
    if (libraries->count > first)
        qsort(libraries->items + first, libraries->count - first,
              sizeof *libraries->items, by_name);
}

static struct folder_library *find(const struct libraries *libraries,
                                   struct str name) {
    for (size_t i = 0; i < libraries->count; i++)
        if (str_is(name, libraries->items[i].name))
            return &libraries->items[i];
    return NULL;
}

// The name behind "#pragma D depends_on library"; empty: the line is another.
static struct str dependency(struct str line) {
    static const char *const words[] = {"#", "pragma", "D", "depends_on",
                                        "library"};
    size_t at = 0;
    for (size_t i = 0; i <= COUNT_OF(words); i++) {
        while (at < line.n && (line.p[at] == ' ' || line.p[at] == '\t'))
            at++;
        struct str rest = str_slice(line, at, line.n);
        if (i == COUNT_OF(words)) {
            size_t len = 0;
            while (len < rest.n && (unsigned char)rest.p[len] > ' ')
                len++;
            return str_slice(rest, 0, len);
        }
        if (!str_starts_with(rest, str_from(words[i])))
            return (struct str){0};
        at += strlen(words[i]);
    }
    return (struct str){0};
}

static void read_library(struct libraries *libraries,
                         struct folder_library *library);

// What the library depends on, first.
static void read_dependencies(struct libraries *libraries,
                              struct folder_library *library) {
    struct script *script = libraries->script;
    struct str text = library->source.text;
    for (size_t start = 0, end; start < text.n; start = end + 1) {
        for (end = start; end < text.n && text.p[end] != '\n'; end++)
            continue;
        struct str name = dependency(str_slice(text, start, end));
        struct folder_library *other = find(libraries, name);
        struct span span = {&library->source, (uint32_t)start,
                            (uint32_t)(end - start)};
        if (!name.n)
            continue;
        if (!other)
            diag_error(script->diag, D_PRAGMA_DEPEND, span,
                       "there is no library '%.*s'", STR_ARGS(name));
        else if (other->is_begun && !other->is_read)
            diag_error(script->diag, D_PRAGMA_DEPEND, span,
                       "the library '%.*s' depends on itself", STR_ARGS(name));
        else
            read_library(libraries, other);
    }
}

static void read_library(struct libraries *libraries,
                         struct folder_library *library) {
    struct script *script = libraries->script;
    if (library->is_begun)
        return;
    library->is_begun = true;
    read_dependencies(libraries, library);
    script->source = &library->source;
    script->text = library->source.text;
    script->at = script->source_off = 0;
    script->has_next = script->failed = false;
    script->in_folder = true;
    parse_program(script);
    script->in_folder = false;
    library->is_read = true;
}

void parse_library_folders(struct script *script) {
    const struct ir_options *options = &script->out->options;
    struct libraries libraries = {.script = script};
    if (options->values[IR_OPTION_nolibs])
        return;
    for (const struct ir_option_text *text = options->texts; text;
         text = text->next)
        if (text->option == IR_OPTION_libdir ||
            text->option == IR_OPTION_syslibdir)
            add_folder(&libraries, text->value);
    for (size_t i = 0; i < libraries.count; i++)
        read_library(&libraries, &libraries.items[i]);
}
