// runtime.c: the run-time library as it was compiled for each machine.
//
// In two forms. What is to become part of a script's code is bitcode, small,
// because all of it is optimised with every script; everything else is an
// object of which the cutter takes the functions in use. Compiling the whole
// library with each script took 160 ms, thirty times as long as the script.

#include <string.h>

#include "codegen/codegen.h"

extern const uint8_t runtime_x86_64_bitcode[], runtime_x86_64_bitcode_end[];
extern const uint8_t runtime_x86_64_object[], runtime_x86_64_object_end[];
extern const uint8_t runtime_x86_64_host[], runtime_x86_64_host_end[];

static const struct runtime_row {
    const char *arch;
    const uint8_t *bitcode, *bitcode_end, *object, *object_end, *host,
        *host_end;
} rows[] = {
    {"x86_64", runtime_x86_64_bitcode, runtime_x86_64_bitcode_end,
     runtime_x86_64_object, runtime_x86_64_object_end, runtime_x86_64_host,
     runtime_x86_64_host_end},
};

bool runtime_find(const struct arch *arch, struct runtime *runtime) {
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct runtime_row *row = &rows[i];
        if (strcmp(row->arch, arch->name) != 0)
            continue;
        runtime->bitcode = (struct slice){
            row->bitcode, (size_t)(row->bitcode_end - row->bitcode)};
        runtime->object = (struct slice){
            row->object, (size_t)(row->object_end - row->object)};
        runtime->host =
            (struct slice){row->host, (size_t)(row->host_end - row->host)};
        return true;
    }
    return false;
}
