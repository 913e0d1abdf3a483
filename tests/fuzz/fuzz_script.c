// fuzz_script.c: any bytes as a script, for a machine that their number
// chooses. What compiles must be well-formed IR that prints, is folded to such
// at a site and has a C source; what does not must have been reported.

#include <stdlib.h>

#include "codegen/codegen.h"
#include "script/script.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void generate(struct arena *arena, struct ir_script *script,
                     const struct arch *arch, struct diag *diag) {
    struct site site = {.kind = SITE_BEGIN,
                        .provider = STR("dtrace"),
                        .name = STR("BEGIN"),
                        .selector = -1,
                        .id = 1};
    struct layout layout;
    struct folder folder;
    layout_begin(&layout, arena, script, arch);
    folder_init(&folder, arena, &layout);
    for (size_t i = 0; i < script->clause_count; i++) {
        struct ir_instance instance =
            fold_clause(&folder, script->clauses[i], &site, true, true);
        if (instance.shape)
            ir_check(instance.shape);
    }
    struct codegen_input input = {.arch = arch,
                                  .shapes = folder.shape_list,
                                  .shape_count = folder.shape_count,
                                  .layout = &layout,
                                  .arena = arena};
    struct str text;
    if (!layout_end(&layout, script, diag) || !c_source(&input, &text, diag))
        if (!diag->errors)
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const args[] = {"17", "name"};
    struct script_options options = {.macro_args = args, .macro_arg_count = 2};
    struct arena *arena = arena_new();
    struct source source = {.name = STR("fuzz.d"),
                            .text = {(const char *)data, size}};
    size_t arch_count;
    const struct arch *const *arches = arch_table(&arch_count);
    const struct arch *arch = arches[size % arch_count];
    FILE *out = fopen("/dev/null", "w");
    struct diag diag;
    diag_init(&diag, out, "mctrace");
    struct ir_script *script =
        script_compile(arena, &source, &options, arch, &diag);
    if (!script != (diag.errors != 0))
        abort();
    for (size_t i = 0; script && i < script->clause_count; i++)
        ir_check(script->clauses[i]);
    if (script) {
        script_dump(out, script);
        generate(arena, script, arch, &diag);
    }
    fclose(out);
    arena_free(arena);
    return 0;
}
