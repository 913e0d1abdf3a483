// c.c: the back-end that prints C and has a compiler make code of it.
//
// The file is for people first: what is put into a program can be read before
// it is. It holds all that becomes part of the code at sites, and stands on
// its own:
//
//     words        what HIDDEN, INLINE and their like mean
//     runtime      the pieces of the runtime that the shapes use, as they
//                  stand in its sources; the rest of it is linked, not printed
//     symbols      what the rewriter fills in, site by site
//     variables    of the script, as macros that say where they lie
//     shapes       functions mct_shape_<k>, each below the clause it is from
//
// The contract of codegen.h is met by flags (c_compile.c) and by the form of
// the functions (c_shape.c).

#include "codegen/c.h"

#include <inttypes.h>
#include <string.h>

#include "mctrace/runtime.h"

// --- lines and texts ---

static void add(struct bytes *out, const char *text) {
    bytes_add(out, text, strlen(text));
}

static void indent(struct printing *print, unsigned depth) {
    for (unsigned i = 0; i < depth; i++)
        add(&print->out, "    ");
}

#define LINE_MOST 80

// How much of a statement goes on the line at hand.
static size_t line_len(struct str text, size_t room) {
    size_t at = 0, best = 0;
    if (text.n <= room || str_starts_with(text, STR("//")) ||
        str_starts_with(text, STR("#")))
        return text.n;
    while (at < text.n) {
        char c = c_token_next(text, &at).text.p[0];
        bool may_end = c == ',' || c == '?' || c == '=' || c == '|' || c == '&';
        if (at > room && best > 0)
            break;
        if (may_end && at < text.n && text.p[at] == ' ')
            best = at;
    }
    return best ? best : text.n;
}

static void add_line(struct printing *print, const char *format, va_list args,
                     const char *end) {
    struct str text = str_vformat(print->arena, format, args);
    unsigned depth = text.n ? print->depth : 0;
    bool is_first = true;
    while (text.n || is_first) {
        size_t used = (size_t)4 * depth;
        size_t len =
            line_len(text, used + 2 < LINE_MOST ? LINE_MOST - 2 - used : 1);
        indent(print, depth);
        bytes_add(&print->out, text.p, len);
        while (len < text.n && text.p[len] == ' ')
            len++;
        text = str_slice(text, len, text.n);
        add(&print->out, text.n ? "\n" : end);
        depth = print->depth + 1;
        is_first = false;
    }
}

void c_line(struct printing *print, const char *format, ...) {
    va_list args;
    va_start(args, format);
    add_line(print, format, args, "\n");
    va_end(args);
}

void c_open(struct printing *print, const char *format, ...) {
    va_list args;
    va_start(args, format);
    add_line(print, format, args, " {\n");
    va_end(args);
    print->depth++;
}

void c_close(struct printing *print) {
    print->depth--;
    c_line(print, "}");
}

void c_else(struct printing *print) {
    print->depth--;
    c_open(print, "} else");
}

// An empty statement behind it: a declaration may follow.
void c_label(struct printing *print, struct str label) {
    unsigned depth = print->depth--;
    c_line(print, "%.*s:;", STR_ARGS(label));
    print->depth = depth;
}

struct str c_text(struct printing *print, const char *format, ...) {
    va_list args;
    va_start(args, format);
    struct str text = str_vformat(print->arena, format, args);
    va_end(args);
    return text;
}

// No line may end in a backslash, and no comment early.
void c_quote(struct bytes *out, struct str text) {
    for (size_t i = 0; i < text.n; i++) {
        uint8_t c = (uint8_t)text.p[i];
        bytes_u8(out, c == '\t' ? ' ' : c < ' ' || c == 0x7f ? '?' : c);
        if (c == '*' && i + 1 < text.n && text.p[i + 1] == '/')
            bytes_u8(out, ' ');
    }
    if (text.n > 0 && text.p[text.n - 1] == '\\')
        add(out, " |");
}

struct str c_bare(struct str text) {
    if (text.n < 2 || text.p[0] != '(')
        return text;
    int depth = 0;
    for (size_t at = 0; at < text.n;) {
        struct c_token token = c_token_next(text, &at);
        depth += token.text.p[0] == '(' ? 1 : token.text.p[0] == ')' ? -1 : 0;
        if (depth == 0 && at < text.n)
            return text;
    }
    return str_slice(text, 1, text.n - 1);
}

const struct c_piece *c_runtime(struct printing *print, const char *name,
                                struct span span) {
    const struct c_piece *piece =
        c_library_find(&print->library, str_from(name));
    if (piece)
        return piece;
    diag_error(print->diag, R_UNDEFINED, span,
               "the run-time library has no function %s", name);
    print->failed = true;
    return NULL;
}

// --- variables ---

static bool is_taken(const struct printing *print, struct str name) {
    for (size_t i = 0; i < print->variable_count; i++)
        if (str_equal(print->variables[i].name, name))
            return true;
    return false;
}

struct str c_variable(struct printing *print,
                      const struct ir_variable *variable) {
    for (size_t i = 0; i < print->variable_count; i++)
        if (print->variables[i].variable == variable)
            return print->variables[i].name;
    static const char *const prefixes[] = {"global", "self", "this"};
    // What the compiler made up has no name, or one with a mark in it.
    struct str own = variable->name;
    size_t at = 0;
    if (c_token_next(own, &at).kind != C_NAME || at < own.n)
        own = STR("temporary");
    struct str name =
        c_text(print, "%s_%.*s", prefixes[variable->storage], STR_ARGS(own));
    if (is_taken(print, name))
        name = c_text(print, "%.*s_%zu", STR_ARGS(name), print->variable_count);
    *ARENA_PUSH(print->arena, print->variables, print->variable_count,
                print->variable_room) = (struct c_variable){variable, name};
    return name;
}

// Machines that make addresses of two halves have bounds for what is added; a
// compiler would keep the sum as a constant.
#define NEAR 0x100000

struct str c_place(struct printing *print, uint64_t off) {
    return c_text(print,
                  off < NEAR ? "(mct_region + %" PRIu64 ")"
                             : "FAR(mct_region, %" PRIu64 ")",
                  off);
}

static void print_variable(struct printing *print,
                           const struct c_variable *named) {
    static const struct place {
        const char *base;
        unsigned off;
    } places[] = {[IR_SELF_VARIABLE] = {"(uint8_t *)thread", MCT_THREAD_VARS},
                  [IR_THIS_VARIABLE] = {"(uint8_t *)firing", MCT_FIRING_VARS}};
    const struct ir_variable *variable = named->variable;
    const struct place *place = &places[variable->storage];
    bool is_int = variable->type.kind == IR_INT;
    struct str at = c_text(print, "(%s + %" PRIu64 ")", place->base,
                           place->off + variable->off);
    if (variable->storage == IR_GLOBAL_VARIABLE)
        at = c_place(print, variable->off);
    c_line(print, "#define %.*s (%s(%s*)%.*s)", STR_ARGS(named->name),
           is_int ? "*" : "", is_int ? c_type(variable->type) : "char ",
           STR_ARGS(at));
}

// --- what the rewriter defines ---

struct str c_hole(struct printing *print, uint64_t hole) {
    return print->handover.is_called
               ? c_text(print, "values[%" PRIu64 "]", hole)
               : c_text(print, "mct_value_%" PRIu64, hole);
}

static void print_symbol(struct printing *print, struct str name) {
    static const struct form {
        const char *prefix, *declaration;
    } forms[] = {
        {"mct_slot_", "extern HIDDEN uint64_t %.*s[];"},
        {"mct_value_", "extern HIDDEN const uint64_t %.*s;"},
        {"mct_texts", "extern HIDDEN const char %.*s[];"},
        {"mct_image", "extern HIDDEN uint8_t %.*s[];"},
    };
    for (size_t i = 0; i < COUNT_OF(forms); i++)
        if (str_starts_with(name, str_from(forms[i].prefix)))
            // The forms are the ones above.
            c_line(
                print, "%.*s",
                STR_ARGS(c_text(print, forms[i].declaration, STR_ARGS(name))));
}

// Those that the shapes name and the runtime does not declare.
static void print_symbols(struct printing *print, struct str shapes) {
    struct map seen;
    struct c_token token;
    map_init(&seen, print->arena);
    size_t at = 0;
    do {
        token = c_token_next(shapes, &at);
        if (token.kind != C_NAME || map_get(&seen, token.text) ||
            c_library_find(&print->library, token.text))
            continue;
        map_put(&seen, token.text, print);
        print_symbol(print, token.text);
    } while (token.kind != C_END);
}

// --- the file ---

// As a comment, some a line.
static void print_flags(struct printing *print, struct str flags) {
    while (flags.n) {
        size_t len = flags.n;
        while (len > LINE_MOST - 7 || (len < flags.n && flags.p[len] != ' '))
            len--;
        c_line(print, "//     %.*s", (int)len, flags.p);
        flags = str_slice(flags, len + 1, flags.n);
    }
}

// One text for each register of arguments, joined: "%s" is its name.
static struct str each_argument(struct printing *print, const char *format) {
    const struct arch *arch = print->input->arch;
    struct bytes out;
    bytes_init(&out, print->arena, ORDER_LITTLE);
    for (size_t i = 0;
         i < COUNT_OF(arch->abi.args) && arch->abi.args[i] != REG_NONE; i++) {
        add(&out, i == 0 ? "" : i % 3 == 0 ? ", \\\n        " : ", ");
        struct str text =
            c_text(print, format, arch->regs[arch->abi.args[i]].name);
        bytes_add(&out, text.p, text.n);
    }
    return (struct str){(const char *)out.p, out.n};
}

// Compilers that must be told to make a jump of the last call want its type to
// be the caller's.
static void print_arguments(struct printing *print) {
    c_line(print,
           "// Registers in which functions have arguments; others are asked "
           "for by name.\n"
           "#define ARGUMENTS \\\n        %.*s\n"
           "#if __has_attribute(musttail) // the types agree, the values do "
           "not matter\n"
           "#define NEXT_ARGUMENTS ARGUMENTS\n"
           "#define NEXT do { \\\n"
           "    register uintptr_t %.*s; \\\n"
           "    __asm__(\"\" : %.*s); \\\n"
           "    __attribute__((musttail)) return mct_next(%.*s); \\\n"
           "} while (0)\n"
           "#else // a call in the last place becomes a jump\n"
           "#define NEXT_ARGUMENTS void\n"
           "#define NEXT mct_next()\n"
           "#endif\n"
           "HIDDEN void mct_next(NEXT_ARGUMENTS); // behind the stencil",
           STR_ARGS(each_argument(print, "uintptr_t %s")),
           STR_ARGS(each_argument(print, "%1$s __asm__(\"%1$s\")")),
           STR_ARGS(each_argument(print, "\"=r\"(%s)")),
           STR_ARGS(each_argument(print, "%s")));
}

static void print_head(struct printing *print) {
    const struct codegen_input *input = print->input;
    c_line(print,
           "// What mctrace puts into programs at the sites of a script: one "
           "function a shape,\n"
           "// which is what is left of a clause at sites that are alike. It "
           "runs with the\n"
           "// registers of the site, and goes on by mct_next. Generated, for "
           "%s; flags that\n"
           "// it needs of a compiler:\n"
           "//",
           input->arch->name);
    print_flags(print, c_flags(input));
    add(&print->out,
        "\n"
        "#include <stdbool.h>\n"
        "#include <stddef.h>\n"
        "#include <stdint.h>\n"
        "\n"
        "// A shape has all registers as arguments, and uses some; not every\n"
        "// compiler knows every attribute.\n"
        "#pragma GCC diagnostic ignored \"-Wunused-parameter\"\n"
        "#pragma GCC diagnostic ignored \"-Wattributes\"\n\n"
        "#define HIDDEN __attribute__((visibility(\"hidden\")))\n"
        "#define INLINE static inline __attribute__((always_inline, unused))\n"
        "#define STENCIL INLINE\n"
        "#define SHAPE __attribute__((noinline, no_icf, used, "
        "section(\".text.mct_shapes\"))) HIDDEN\n"
        "// A sum that is not known while compiling.\n"
        "#define FAR(base, off) ({ \\\n"
        "    uint8_t *at_ = (base); \\\n"
        "    __asm__(\"\" : \"+r\"(at_)); \\\n"
        "    at_ + (off); \\\n"
        "})\n"
        "// Memory at any address.\n"
        "#define AT(type, address) \\\n"
        "    (((struct { type value; } __attribute__((packed, may_alias)) *) "
        "\\\n"
        "      (uintptr_t)(address))->value)\n"
        "\n");
    print_arguments(print);
    add(&print->out, "\n// --- of the runtime ---\n");
}

static void print_all(struct printing *print, struct str *text) {
    const struct codegen_input *input = print->input;
    for (size_t i = 0; i < input->shape_count && !print->failed; i++)
        c_shape(print, i);
    struct str shapes = {(const char *)print->out.p, print->out.n};
    bytes_init(&print->out, print->arena, ORDER_LITTLE);
    print->depth = 0;
    for (size_t i = 0; i < print->variable_count; i++)
        print_variable(print, &print->variables[i]);
    struct str variables = {(const char *)print->out.p, print->out.n};
    bytes_init(&print->out, print->arena, ORDER_LITTLE);
    c_library_need(&print->library, variables);
    c_library_need(&print->library, shapes);
    print_head(print);
    c_library_print(&print->library, &print->out);
    add(&print->out, "\n// --- what is filled in, site by site ---\n\n");
    print_symbols(print, shapes);
    if (variables.n > 0)
        add(&print->out, "\n// --- the script's variables ---\n\n");
    bytes_add(&print->out, variables.p, variables.n);
    add(&print->out, "\n// --- shapes ---\n");
    bytes_add(&print->out, shapes.p, shapes.n);
    *text = (struct str){(const char *)print->out.p, print->out.n};
}

static bool begin(struct printing *print, const struct codegen_input *input,
                  struct diag *diag) {
    struct runtime runtime;
    if (!runtime_for(input, &runtime)) {
        diag_error_at(diag, R_CODEGEN, NULL, "no run-time library for %s",
                      input->arch->name);
        return false;
    }
    if (!input->arch->cc) {
        diag_error_at(diag, R_CODEGEN, NULL,
                      "there is no code through C for %s", input->arch->name);
        return false;
    }
    *print =
        (struct printing){.input = input, .arena = input->arena, .diag = diag};
    bytes_init(&print->out, input->arena, ORDER_LITTLE);
    c_library_read(&print->library, input->arena,
                   (struct str){(const char *)runtime.text.p, runtime.text.n});
    return true;
}

bool c_source(const struct codegen_input *input, struct str *text,
              struct diag *diag) {
    struct printing print;
    if (!begin(&print, input, diag))
        return false;
    print_all(&print, text);
    return !print.failed;
}

// --- compiling it ---

// For the cutter: what a call of a function of the runtime leaves alone.
static void list_preserving(struct printing *print, struct object *object) {
    const struct c_library *library = &print->library;
    size_t room = 0;
    for (size_t i = 0; i < library->count; i++)
        if (library->pieces[i]->is_preserving)
            *ARENA_PUSH(print->arena, object->preserving,
                        object->preserving_count, room) =
                library->pieces[i]->name;
}

static bool save(const char *path, struct slice bytes, struct diag *diag) {
    return !path || file_write_text(path, bytes, diag);
}

static bool c_compile(const struct codegen_input *input, struct object *object,
                      struct diag *diag) {
    struct printing print;
    struct str text;
    struct slice assembly = {0};
    *object = (struct object){0};
    if (!begin(&print, input, diag))
        return false;
    print_all(&print, &text);
    if (print.failed)
        return false;
    list_preserving(&print, object);
    if (input->save_asm &&
        (!c_compile_text(input, C_TO_ASSEMBLY, text, &assembly, diag) ||
         !save(input->save_asm, assembly, diag)))
        return false;
    return c_compile_text(input, C_TO_OBJECT, text, &object->bytes, diag) &&
           save(input->save_object, object->bytes, diag);
}

const struct backend backend_c = {"c", c_compile, NULL};
