// fuzz_library.c: any bytes as an object or archive of a user's library. It is
// refused, or taken with all that its code and data refer to.

#include <string.h>

#include "codegen/unit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
    struct arena *arena = arena_new();
    struct diag diag;
    diag_init(&diag, stderr, "fuzz");
    diag.quiet = true;
    struct library_file file = {"fuzz", {data, len}};
    struct codegen_input input = {.arch = arch_by_name(STR("x86_64")),
                                  .arena = arena,
                                  .libraries = &file,
                                  .library_count = 1};
    struct object object = {0};
    struct stencil_set set;
    struct runtime runtime = {0};
    if (runtime_find(input.arch, &runtime)) {
        // The run-time library passes for the script as well: it has no shapes.
        object.bytes = runtime.object;
        input.keep = (const char *const[]){"mct_send_by_platform"};
        input.keep_count = 1;
        stencil_cut(arena, &object, &input, &set, &diag);
    }
    arena_free(arena);
    return 0;
}
