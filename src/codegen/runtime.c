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
        *object_end, *host, *host_end;
} runtime_rows[];

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
