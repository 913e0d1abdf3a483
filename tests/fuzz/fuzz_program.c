// fuzz_program.c: any bytes as a program. What can be read is analysed, all its
// probes are found, and it is rewritten with an empty stencil at each.

#include <string.h>

#include "mctrace/region.h"
#include "rewrite/rewrite.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static bool find_sites(struct arena *arena, const struct program *program,
                       struct match_list *matches, struct diag *diag) {
    static const char *const texts[] = {
        "pid$target:a.out::entry", "pid$target:a.out::return",
        "pid$target:a.out::", "syscall:::", "*:a.out::"};
    struct probe_desc descs[COUNT_OF(texts)];
    struct probe_clause clause = {.descs = descs,
                                  .desc_count = COUNT_OF(texts)};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        if (!probe_parse_desc(str_from(texts[i]), (struct span){0}, &descs[i],
                              diag))
            return false;
    return probe_match(arena, &program, 1, &clause, 1, MATCH_ALLOW_NONE,
                       matches, diag);
}

static void rewrite(struct arena *arena, const struct program *program,
                    const struct match_list *matches, struct diag *diag) {
    const struct abi *abi = &program->arch->abi;
    struct stencil stencil = {.clobbers = abi->caller_saved,
                              .given = {REG_NONE, REG_NONE},
                              .stack_len = 32,
                              .alignment = program->arch->insn_align};
    struct stencil_set set = {.stencils = &stencil, .stencil_count = 1};
    struct layout layout = {.arch = program->arch, .region_len = 4096};
    struct mct_config config = {0};
    struct shot *shots = ARENA_ARRAY(arena, struct shot, matches->count + 1);
    for (size_t i = 0; i < matches->count; i++)
        shots[i] =
            (struct shot){.site = matches->items[i].site, .stencil = &stencil};
    struct rewrite_input input = {.arena = arena,
                                  .program = program,
                                  .shots = shots,
                                  .shot_count = matches->count,
                                  .stencils = &set,
                                  .layout = &layout,
                                  .config = &config,
                                  .locks = LOCKS_ALWAYS};
    struct rewrite_result result = {0};
    if (rewrite_build(&input, &result, diag))
        rewrite_commit(&input, &result, "/dev/null", diag);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
    struct arena *arena = arena_new();
    struct diag diag;
    diag_init(&diag, stderr, "fuzz");
    diag.quiet = true;
    // Writing changes the bytes and changes them back.
    uint8_t *copy = arena_alloc(arena, len);
    if (len)
        memcpy(copy, data, len);
    struct slice bytes = {copy, len};
    struct image *image = image_read_bytes(arena, "fuzz", bytes, &diag);
    struct program *program =
        image ? program_open(arena, image, STR("a.out"), &diag) : NULL;
    struct match_list matches = {0};
    if (program && find_sites(arena, program, &matches, &diag))
        rewrite(arena, program, &matches, &diag);
    image_close(image);
    arena_free(arena);
    return 0;
}
