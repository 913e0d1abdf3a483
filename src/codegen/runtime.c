// runtime.c: the run-time library as it was compiled for each machine.
//
// In two forms. What is to become part of a script's code is bitcode, small,
// because all of it is optimised with every script, and C, for who wants to
// read it or has another compiler; everything else is an object of which the
// cutter takes the functions in use. Compiling the whole library with each
// script took 160 ms, thirty times as long as the script.

#include <string.h>

#include "codegen/codegen.h"

// As runtime.S writes them; a NULL name ends.
extern const struct runtime_row {
    const char *arch;
    const uint8_t *bitcode, *bitcode_end, *text, *text_end, *object,
        *object_end, *host, *host_end, *bare_bitcode, *bare_bitcode_end,
        *bare_text, *bare_text_end, *bare_object, *bare_object_end;
} runtime_rows[];

static struct slice between(const uint8_t *from, const uint8_t *to) {
    return (struct slice){from, (size_t)(to - from)};
}

bool runtime_find_bare(const struct arch *arch, struct runtime *runtime) {
    for (const struct runtime_row *row = runtime_rows; row->arch; row++)
        if (strcmp(row->arch, arch->name) == 0)
            *runtime = (struct runtime){
                .bitcode = between(row->bare_bitcode, row->bare_bitcode_end),
                .text = between(row->bare_text, row->bare_text_end),
                .object = between(row->bare_object, row->bare_object_end)};
    return runtime->object.n > 0;
}

bool runtime_for(const struct codegen_input *input, struct runtime *runtime) {
    *runtime = (struct runtime){0};
    return input->is_bare ? runtime_find_bare(input->arch, runtime)
                          : runtime_find(input->arch, runtime);
}

bool runtime_find(const struct arch *arch, struct runtime *runtime) {
    for (const struct runtime_row *row = runtime_rows; row->arch; row++) {
        if (strcmp(row->arch, arch->name) != 0)
            continue;
        runtime->bitcode = (struct slice){
            row->bitcode, (size_t)(row->bitcode_end - row->bitcode)};
        runtime->text =
            (struct slice){row->text, (size_t)(row->text_end - row->text)};
        runtime->object = (struct slice){
            row->object, (size_t)(row->object_end - row->object)};
        runtime->host =
            (struct slice){row->host, (size_t)(row->host_end - row->host)};
        return true;
    }
    return false;
}
