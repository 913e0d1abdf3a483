// marker_text.c: the assembly of a probe that a program carries.
//
// A probe is an instruction that does nothing and a note about it, as
// sys/sdt.h of SystemTap makes them and image/elf_notes.c reads them:
//
//     1: nop                        in the code
//     note of type 3, "stapsdt"     address of 1, of .stapsdt.base, of the
//                                   semaphore; provider, name, operands
//
// The operands are the arguments that scripts see, in their order.
//
// The text is for an `asm` statement whose operands are the arguments, in a
// header for C or in a function of LLVM's IR, which spell operands and line
// ends differently.

#include "cmd/trace.h"

// Name of the two bytes that say that somebody listens.
struct str marker_semaphore(struct arena *arena,
                            const struct ir_provider *provider,
                            const struct ir_declared_probe *probe) {
    return str_format(arena, "%.*s_%.*s_semaphore", STR_ARGS(provider->name),
                      STR_ARGS(probe->name));
}

static struct str operand_list(struct arena *arena,
                               const struct ir_declared_probe *probe,
                               char sigil) {
    struct str list = {0};
    for (uint32_t i = 0; i < probe->shown_count; i++) {
        uint32_t from = probe->shown[i].from;
        struct ir_type type = probe->args[from].value;
        list =
            str_format(arena, "%.*s%s%s%d@%c%u", STR_ARGS(list), i ? " " : "",
                       type.is_signed ? "-" : "", type.bits / 8, sigil, from);
    }
    return list;
}

size_t marker_lines(struct arena *arena, const struct ir_provider *provider,
                    const struct ir_declared_probe *probe, char sigil,
                    struct str lines[MARKER_LINES_MOST]) {
    struct str semaphore = marker_semaphore(arena, provider, probe);
    const struct str all[] = {
        STR("1: nop"),
        STR(".pushsection .note.stapsdt,\"?\",\"note\""),
        STR(".balign 4"),
        STR(".4byte 3f-2f, 5f-4f, 3"),
        STR("2: .asciz \"stapsdt\""),
        STR("3: .balign 4"),
        STR("4: .8byte 1b"),
        STR(".8byte _.stapsdt.base"),
        str_format(arena, ".8byte %.*s", STR_ARGS(semaphore)),
        str_format(arena, ".asciz \"%.*s\"", STR_ARGS(provider->name)),
        str_format(arena, ".asciz \"%.*s\"", STR_ARGS(probe->name)),
        str_format(arena, ".asciz \"%.*s\"",
                   STR_ARGS(operand_list(arena, probe, sigil))),
        STR("5: .balign 4"),
        STR(".popsection"),
        STR(".ifndef _.stapsdt.base"),
        STR(".pushsection .stapsdt.base,\"aG\",\"progbits\",.stapsdt.base,"
            "comdat"),
        STR(".weak _.stapsdt.base"),
        STR(".hidden _.stapsdt.base"),
        STR("_.stapsdt.base: .space 1"),
        STR(".size _.stapsdt.base, 1"),
        STR(".popsection"),
        STR(".endif"),
    };
    _Static_assert(COUNT_OF(all) <= MARKER_LINES_MOST, "room for all lines");
    for (size_t i = 0; i < COUNT_OF(all); i++)
        lines[i] = all[i];
    return COUNT_OF(all);
}
