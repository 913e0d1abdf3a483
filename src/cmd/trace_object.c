// trace_object.c: mctrace trace -G: an object to link with a program that
// carries the probes of a script, and -h and -G's common part.
//
// The object defines each probe's semaphore. Objects that were not made with a
// header of ours may call a probe as a function, which DTrace's own headers do
// (__dtrace_PROVIDER___PROBE, __dtraceenabled_PROVIDER___PROBE); functions are
// made of those that the given objects want. The given objects stay as they
// are.

#include <stdlib.h>
#include <string.h>

#include "cmd/trace.h"

// --- what the given objects want ---

static bool read_objects(struct trace *trace, struct map *wanted) {
    map_init(wanted, trace->arena);
    for (size_t i = 0; i < trace->arg_count; i++) {
        struct str *names;
        size_t count;
        if (!object_imports(trace->arena, trace->args[i], trace->arch, &names,
                            &count, trace->diag))
            return false;
        for (size_t k = 0; k < count; k++)
            map_put(wanted, names[k], wanted);
    }
    return true;
}

// --- the object, as LLVM's IR ---

static void put_assembly(FILE *out, struct arena *arena,
                         const struct ir_provider *provider,
                         const struct ir_declared_probe *probe) {
    struct str lines[MARKER_LINES_MOST];
    size_t count = marker_lines(arena, provider, probe, '$', lines);
    fputc('"', out);
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < lines[i].n; k++)
            if (lines[i].p[k] == '"')
                fputs("\\22", out);
            else
                fputc(lines[i].p[k], out);
        fputs("\\0A", out);
    }
    fputc('"', out);
}

static void put_call(FILE *out, struct arena *arena,
                     const struct ir_provider *provider,
                     const struct ir_declared_probe *probe, struct str name) {
    fprintf(out, "define void @%.*s(", STR_ARGS(name));
    for (uint32_t i = 0; i < probe->arg_count; i++)
        fprintf(out, "%si%u %%a%u", i ? ", " : "", probe->args[i].value.bits,
                i);
    fputs(") noinline {\n  call void asm sideeffect ", out);
    put_assembly(out, arena, provider, probe);
    fputs(", \"", out);
    for (uint32_t i = 0; i < probe->arg_count; i++)
        fprintf(out, "%sX", i ? "," : "");
    fputs("\"(", out);
    for (uint32_t i = 0; i < probe->arg_count; i++)
        fprintf(out, "%si%u %%a%u", i ? ", " : "", probe->args[i].value.bits,
                i);
    fputs(")\n  ret void\n}\n", out);
}

static void put_probe(FILE *out, struct arena *arena, const struct map *wanted,
                      const struct ir_provider *provider,
                      const struct ir_declared_probe *probe) {
    struct str semaphore = marker_semaphore(arena, provider, probe);
    fprintf(out, "@%.*s = hidden global i16 0, section \".probes\", align 2\n",
            STR_ARGS(semaphore));
    struct str call =
        str_format(arena, "__dtrace_%.*s___%.*s", STR_ARGS(provider->name),
                   STR_ARGS(probe->name));
    if (map_get(wanted, call))
        put_call(out, arena, provider, probe, call);
    struct str question =
        str_format(arena, "__dtraceenabled_%.*s___%.*s",
                   STR_ARGS(provider->name), STR_ARGS(probe->name));
    if (map_get(wanted, question))
        fprintf(out,
                "define i32 @%.*s() {\n"
                "  %%bits = load volatile i16, ptr @%.*s\n"
                "  %%number = zext i16 %%bits to i32\n"
                "  ret i32 %%number\n}\n",
                STR_ARGS(question), STR_ARGS(semaphore));
}

static struct str make_ir(struct arena *arena, const struct map *wanted,
                          const struct ir_script *script) {
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    if (!out)
        return (struct str){0};
    // The linker has them, whatever of it is used.
    fputs("@llvm.used = appending global [0 x ptr] zeroinitializer, section "
          "\"llvm.metadata\"\n",
          out);
    for (size_t i = 0; i < script->provider_count; i++)
        for (uint32_t k = 0; k < script->providers[i]->probe_count; k++)
            put_probe(out, arena, wanted, script->providers[i],
                      &script->providers[i]->probes[k]);
    fclose(out);
    struct str ir = str_copy(arena, (struct str){text, len});
    free(text);
    return ir;
}

static enum exit_status make_object(struct trace *trace,
                                    const struct ir_script *script,
                                    const char *path) {
    struct map wanted;
    struct slice object;
    if (!read_objects(trace, &wanted))
        return EXIT_REFUSED;
    struct str ir = make_ir(trace->arena, &wanted, script);
    bool ok = backend_llvm.assemble(trace->arena, trace->arch, ir, &object,
                                    trace->diag) &&
              file_write_text(path, object, trace->diag);
    return ok ? EXIT_DONE : EXIT_REFUSED;
}

// --- both ---

// Where the result goes if -o does not say: NAME.h of NAME.d.
static const char *default_path(struct trace *trace, const char *suffix) {
    struct str name = trace->texts[0].source->name;
    if (trace->are_files[0] && str_ends_with(name, STR(".d"))) {
        struct str base = str_base_name(name);
        return str_format(trace->arena, "%.*s%s", (int)base.n - 2, base.p,
                          suffix)
            .p;
    }
    return trace->mode == TRACE_OBJECT ? "d.out" : NULL;
}

static bool check_arguments(const struct trace *trace,
                            const struct ir_script *script) {
    for (size_t i = 0; i < script->provider_count; i++) {
        const struct ir_provider *provider = script->providers[i];
        for (uint32_t k = 0; k < provider->probe_count; k++)
            for (uint32_t n = 0; n < provider->probes[k].arg_count; n++)
                if (provider->probes[k].args[n].value.kind != IR_INT) {
                    trace_say(trace,
                              "argument %u of %.*s:::%.*s is neither integer "
                              "nor pointer",
                              n, STR_ARGS(provider->name),
                              STR_ARGS(provider->probes[k].name));
                    return false;
                }
    }
    return true;
}

enum exit_status trace_static(struct trace *trace) {
    char letter = trace->mode == TRACE_HEADER ? 'h' : 'G';
    if (trace->text_count == 0) {
        trace_say(trace, "-%c requires one or more scripts or enabling options",
                  letter);
        return EXIT_USAGE;
    }
    const char *path = trace->output
                           ? trace->output
                           : default_path(trace, letter == 'h' ? ".h" : ".o");
    if (!path) {
        trace_say(trace, "-h requires an output file if no scripts are given");
        return EXIT_USAGE;
    }
    struct script_options options = {.options = &trace->options};
    const struct ir_script *script =
        script_compile_texts(trace->arena, trace->texts, trace->text_count,
                             &options, trace->arch, trace->diag);
    if (!script || !check_arguments(trace, script))
        return EXIT_REFUSED;
    if (script->provider_count == 0) {
        trace_say(trace, "-%c: the script declares no provider", letter);
        return EXIT_REFUSED;
    }
    return letter == 'h' ? trace_header(trace, script, path)
                         : make_object(trace, script, path);
}
