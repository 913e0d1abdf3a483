// trace_header.c: mctrace trace -h: a header by which a program carries the
// probes that a script declares.
//
//     provider shop { probe sale__done(int, string); };
//
//     SHOP_SALE_DONE(number, name);           the probe
//     if (SHOP_SALE_DONE_ENABLED()) ...       whether somebody listens
//
// A probe costs an instruction that does nothing, and its arguments; it is
// found by any tracer that knows SystemTap's notes (see marker_text.c). The
// header needs no other; objects that include it share one semaphore for each
// probe, which the object that -G makes defines for good.

#include <string.h>

#include "cmd/trace.h"

// A name as macros have it.
static struct str in_capitals(struct arena *arena, struct str name) {
    char *out = arena_alloc(arena, name.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        if (c == '_' && i + 1 < name.n && name.p[i + 1] == '_')
            i++; // "__" is a dash
        bool is_small = c >= 'a' && c <= 'z';
        bool is_plain =
            is_small || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        out[n++] = is_small ? (char)(c - 'a' + 'A') : is_plain ? c : '_';
    }
    return (struct str){out, n};
}

// The type of C in which an argument is handed over.
static const char *c_type(struct ir_type type) {
    switch (type.bits) {
    case 8: return type.is_signed ? "signed char" : "unsigned char";
    case 16: return type.is_signed ? "short" : "unsigned short";
    case 32: return type.is_signed ? "int" : "unsigned int";
    default: return type.is_signed ? "long" : "unsigned long";
    }
}

static void put_literal(FILE *out, struct str line) {
    fputs("        \"", out);
    for (size_t i = 0; i < line.n; i++) {
        if (line.p[i] == '"')
            fputc('\\', out);
        fputc(line.p[i], out);
    }
    fputs("\\n\" \\\n", out);
}

static void put_parameters(FILE *out, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        fprintf(out, "%sarg%u", i ? ", " : "", i);
}

static void put_probe(FILE *out, struct arena *arena,
                      const struct ir_provider *provider,
                      const struct ir_declared_probe *probe) {
    struct str lines[MARKER_LINES_MOST];
    size_t count = marker_lines(arena, provider, probe, '%', lines);
    struct str semaphore = marker_semaphore(arena, provider, probe);
    struct str first = in_capitals(arena, provider->name);
    struct str second = in_capitals(arena, probe->name);
    fprintf(out,
            "\n__attribute__((weak, visibility(\"hidden\"), "
            "section(\".probes\")))\nvolatile unsigned short %.*s = 0;\n",
            STR_ARGS(semaphore));
    fprintf(out, "#define %.*s_%.*s_ENABLED() \\\n    (%.*s != 0)\n",
            STR_ARGS(first), STR_ARGS(second), STR_ARGS(semaphore));
    fprintf(out, "#define %.*s_%.*s(", STR_ARGS(first), STR_ARGS(second));
    put_parameters(out, probe->arg_count);
    fputs(") \\\n    __extension__({ \\\n", out);
    for (uint32_t i = 0; i < probe->arg_count; i++) {
        const char *type = c_type(probe->args[i].value);
        fprintf(out, "    %s mct_arg%u_ = (%s)(arg%u); \\\n", type, i, type, i);
    }
    fputs("    __asm__ __volatile__( \\\n", out);
    for (size_t i = 0; i < count; i++)
        put_literal(out, lines[i]);
    // What pointers lead to is in memory there, as for a call.
    fputs("        : :", out);
    for (uint32_t i = 0; i < probe->arg_count; i++)
        fprintf(out, "%s\"nor\"(mct_arg%u_)", i ? ", " : " ", i);
    fputs(" : \"memory\"); \\\n    })\n", out);
}

static void put_header(FILE *out, struct arena *arena,
                       const struct ir_script *script, struct str guard) {
    fprintf(out,
            "// Made by mctrace trace -h.\n\n#ifndef %.*s\n#define %.*s\n\n"
            "#ifdef __cplusplus\nextern \"C\" {\n#endif\n",
            STR_ARGS(guard), STR_ARGS(guard));
    for (size_t i = 0; i < script->provider_count; i++)
        for (uint32_t k = 0; k < script->providers[i]->probe_count; k++)
            put_probe(out, arena, script->providers[i],
                      &script->providers[i]->probes[k]);
    fputs("\n#ifdef __cplusplus\n}\n#endif\n\n#endif\n", out);
}

enum exit_status trace_header(struct trace *trace,
                              const struct ir_script *script,
                              const char *path) {
    struct draft draft;
    struct str guard = str_format(
        trace->arena, "MCTRACE_%.*s_",
        STR_ARGS(in_capitals(trace->arena, str_base_name(str_from(path)))));
    if (!draft_open(&draft, path, trace->diag))
        return EXIT_REFUSED;
    put_header(draft.out, trace->arena, script, guard);
    return draft_close(&draft, DRAFT_KEEP, trace->diag) ? EXIT_DONE
                                                        : EXIT_REFUSED;
}
