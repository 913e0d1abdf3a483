// restore.c: mctrace restore: the original file back from an instrumented one,
// bit for bit. The output may be the input itself.

#include "cmd/cmd.h"
#include "image/image.h"

enum { OPT_BINARY, OPT_OUTPUT };

static const struct option_row options[] = {
    {"binary", 'b', OPTION_VALUE, true, "FILE",
     "an instrumented program or library"},
    {"output", 'o', OPTION_VALUE, true, "FILE", "where the original goes"},
    {0},
};

static enum exit_status run_restore(struct invocation *invocation) {
    const char *path = invocation->options[OPT_BINARY].value;
    struct image *image = image_open(invocation->arena, path, invocation->diag);
    if (!image)
        return EXIT_REFUSED;
    bool ok = image_is_instrumented(image);
    if (!ok)
        diag_error_at(invocation->diag, B_NOT_OURS, path,
                      "the file is no output of `mctrace instrument`");
    ok = ok && image_restore(image, invocation->options[OPT_OUTPUT].value,
                             invocation->diag);
    image_close(image);
    return ok ? EXIT_DONE : EXIT_REFUSED;
}

const struct command command_restore = {
    .name = "restore",
    .summary = "give back the original of an instrumented file",
    .usage = "--binary=FILE --output=FILE",
    .options = options,
    .run = run_restore,
};
