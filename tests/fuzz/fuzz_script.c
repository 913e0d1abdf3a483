// fuzz_script.c: any bytes as a script. What compiles must be well-formed IR
// that prints; what does not must have been reported.

#include <stdlib.h>

#include "script/script.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const args[] = {"17", "name"};
    struct script_options options = {.macro_args = args, .macro_arg_count = 2};
    struct arena *arena = arena_new();
    struct source source = {.name = STR("fuzz.d"),
                            .text = {(const char *)data, size}};
    FILE *out = fopen("/dev/null", "w");
    struct diag diag;
    diag_init(&diag, out, "mctrace");
    struct ir_script *script = script_compile(
        arena, &source, &options, arch_by_name(STR("x86_64")), &diag);
    if (!script != (diag.errors != 0))
        abort();
    for (size_t i = 0; script && i < script->clause_count; i++)
        ir_check(script->clauses[i]);
    if (script)
        script_dump(out, script);
    fclose(out);
    arena_free(arena);
    return 0;
}
