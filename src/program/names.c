// names.c: functions by name.
//
// Exact names go through a table that is made when first needed. Names of C++
// (and the older ones of Rust) are demangled when a description asks for
// something no raw name gives, never before: a large library has ninety
// thousand of them. A demangled name matches whole, "ns::Class::f(int)
// const", and bare, "ns::Class::f".
//
// The demangler is the one of the C++ library, which is loaded already
// wherever LLVM is; without it only raw names match.

#include "program/bits.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

struct named {
    const struct function *function;
    struct named *next;
};

static void put_name(struct program_bits *bits, struct arena *arena,
                     struct str name, const struct function *function) {
    struct named *item = ARENA_NEW(arena, struct named);
    item->function = function;
    struct named *first = map_get(&bits->names, name);
    if (!first) {
        map_put(&bits->names, name, item);
        return;
    }
    item->next = first->next;
    first->next = item;
}

static const struct named *find_named(const struct program *program,
                                      struct str name) {
    struct program_bits *bits = program->bits;
    if (!bits->has_names) {
        bits->has_names = true;
        map_init(&bits->names, program->arena);
        for (size_t i = 0; i < program->function_count; i++) {
            const struct function *function = &program->functions[i];
            put_name(bits, program->arena, function->name, function);
            for (uint32_t k = 0; k < function->alias_count; k++) {
                put_name(bits, program->arena, function->aliases[k], function);
            }
        }
    }
    return map_get(&bits->names, name);
}

// --- demangling -----------------------------------------------------------

typedef char *demangle_function(const char *name, char *buffer, size_t *len,
                                int *status);

static demangle_function *find_demangler(void) {
    demangle_function *function = NULL;
    void *library = dlopen("libstdc++.so.6", RTLD_LAZY | RTLD_LOCAL);
    if (library) {
        void *address = dlsym(library, "__cxa_demangle");
        memcpy(&function, &address, sizeof function);
    }
    return function;
}

static bool is_mangled(struct str name) {
    return str_starts_with(name, STR("_Z"));
}

static struct str mangled_name(const struct function *function) {
    if (is_mangled(function->name)) {
        return function->name;
    }
    for (uint32_t i = 0; i < function->alias_count; i++) {
        if (is_mangled(function->aliases[i])) {
            return function->aliases[i];
        }
    }
    return (struct str){0};
}

// A word that stands in demangled names without standing in mangled ones.
static bool is_demanglers_word(struct str word) {
    static const char words[] =
        " std operator anonymous namespace unsigned signed short long char int "
        "bool float double void const volatile string allocator basic_string "
        "istream ostream iostream vtable typeinfo thunk virtual non guard "
        "variable clone lambda unnamed type new delete decltype auto nullptr "
        "wchar_t char8_t char16_t char32_t int128 true false requires ";
    return memmem(words, sizeof words - 1, word.p, word.n) != NULL;
}

static bool is_word_byte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '_';
}

// The longest word of a pattern that a mangled name must contain as it stands,
// so that most names need not be demangled; empty: none.
static struct str required_word(struct str pattern) {
    struct str best = {0};
    for (size_t i = 0; i < pattern.n; i++) {
        size_t start = i;
        if (pattern.p[i] == '[' || pattern.p[i] == '\\') {
            return (struct str){0};
        }
        while (i < pattern.n && is_word_byte(pattern.p[i])) {
            i++;
        }
        struct str word = str_slice(pattern, start, i);
        if (word.n > best.n && !is_demanglers_word(word)) {
            best = word;
        }
        i = i > start ? i - 1 : i;
    }
    return best.n >= 3 ? best : (struct str){0};
}

static struct str demangle(const struct program *program, size_t index,
                           demangle_function *demangler) {
    struct str *cached = &program->bits->demangled[index];
    if (cached->p) {
        return *cached;
    }
    *cached = STR("");
    struct str name = mangled_name(&program->functions[index]);
    int status = 0;
    char *text =
        demangler(str_terminated(program->arena, name), NULL, NULL, &status);
    if (text && status == 0) {
        *cached = str_copy(program->arena, str_from(text));
    }
    free(text);
    return *cached;
}

// "void ns::f<int>(int) const" is ns::f<int>.
static struct str bare_name(struct str name) {
    size_t start = 0, end = name.n;
    unsigned depth = 0;
    for (size_t i = 0; i < name.n; i++) {
        struct str rest = str_slice(name, i, name.n);
        struct str before = str_slice(name, start, i);
        bool is_operator = str_ends_with(before, STR("operator"));
        if (str_starts_with(rest, STR("(anonymous namespace)"))) {
            i += sizeof "(anonymous namespace)" - 2;
        } else if (is_operator && str_starts_with(rest, STR("()"))) {
            i++;
        } else if (is_operator && memchr("<>-", name.p[i], 3)) {
            // operator<<, operator->, operator>=
            while (i + 1 < name.n && memchr("<>=*", name.p[i + 1], 4)) {
                i++;
            }
        } else if (name.p[i] == '<') {
            depth++;
        } else if (name.p[i] == '>') {
            depth -= depth > 0;
        } else if (depth == 0 && name.p[i] == '(') {
            end = i;
            break;
        } else if (depth == 0 && name.p[i] == ' ' && !is_operator) {
            start = i + 1; // what stood before was the type of the result
        }
    }
    return str_slice(name, start, end);
}

static bool holds(struct str name, struct str word) {
    return word.n == 0 || memmem(name.p, name.n, word.p, word.n) != NULL;
}

struct matcher {
    const struct program *program;
    struct str pattern, word;
    bool is_pattern;
    demangle_function *demangler; // NULL: raw names only
};

static bool matches(const struct matcher *matcher, struct str name) {
    return matcher->is_pattern ? str_glob(matcher->pattern, name)
                               : str_equal(matcher->pattern, name);
}

static bool matches_raw(const struct matcher *matcher,
                        const struct function *function) {
    if (matches(matcher, function->name)) {
        return true;
    }
    for (uint32_t i = 0; i < function->alias_count; i++) {
        if (matches(matcher, function->aliases[i])) {
            return true;
        }
    }
    return false;
}

static bool matches_demangled(const struct matcher *matcher, size_t index) {
    const struct program *program = matcher->program;
    struct str mangled = mangled_name(&program->functions[index]);
    if (!matcher->demangler || mangled.n == 0 ||
        !holds(mangled, matcher->word)) {
        return false;
    }
    struct str name = demangle(program, index, matcher->demangler);
    return name.n > 0 &&
           (matches(matcher, name) || matches(matcher, bare_name(name)));
}

// --- finding --------------------------------------------------------------

static bool is_plain(struct str name) {
    return !str_is_pattern(name) && !str_find(name, '\\');
}

static int compare_functions(const void *a, const void *b) {
    const struct function *x = *(const struct function *const *)a;
    const struct function *y = *(const struct function *const *)b;
    return x->va < y->va ? -1 : x->va > y->va;
}

static const struct function **
named_functions(const struct named *first, struct arena *arena, size_t *count) {
    const struct function **found = NULL;
    size_t room = 0;
    for (const struct named *item = first; item; item = item->next) {
        *ARENA_PUSH(arena, found, *count, room) = item->function;
    }
    if (*count > 1) {
        qsort(found, *count, sizeof *found, compare_functions);
    }
    return found;
}

const struct function **program_match_functions(const struct program *program,
                                                struct str pattern,
                                                struct arena *arena,
                                                size_t *count) {
    *count = 0;
    bool plain = is_plain(pattern);
    const struct named *named = plain ? find_named(program, pattern) : NULL;
    if (named) {
        return named_functions(named, arena, count);
    }
    bool all = pattern.n == 0 || str_equal(pattern, STR("*"));
    struct matcher matcher = {.program = program,
                              .pattern = pattern,
                              .word = required_word(pattern),
                              .is_pattern = !plain,
                              .demangler = all ? NULL : find_demangler()};
    if (!program->bits->demangled) {
        program->bits->demangled =
            ARENA_ARRAY(program->arena, struct str, program->function_count);
    }
    const struct function **found = NULL;
    size_t room = 0;
    for (size_t i = 0; i < program->function_count; i++) {
        const struct function *function = &program->functions[i];
        if (all || (!plain && matches_raw(&matcher, function)) ||
            matches_demangled(&matcher, i)) {
            *ARENA_PUSH(arena, found, *count, room) = function;
        }
    }
    return found;
}

const struct function *program_find_function(const struct program *program,
                                             struct str name) {
    const struct named *named = find_named(program, name);
    if (named) {
        return named->function;
    }
    size_t count;
    const struct function **found =
        is_plain(name)
            ? program_match_functions(program, name, program->arena, &count)
            : NULL;
    return found ? found[0] : NULL;
}
