// backends.c: the table of back-ends.

#include "codegen/codegen.h"

static const struct backend *const backends[] = {&backend_llvm, &backend_c};

const struct backend *backend_find(struct str name) {
    for (size_t i = 0; i < COUNT_OF(backends); i++)
        if (str_is(name, backends[i]->name))
            return backends[i];
    return NULL;
}
