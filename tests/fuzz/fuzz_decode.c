// fuzz_decode.c: any bytes as code. Both decoders agree on what both know,
// and what moves is an instruction where it went.

#include <stdlib.h>

#include "arch/arch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void move(const struct arch *arch, struct arena *arena,
                 const struct insn *insn, int32_t bias) {
    enum { TO = 0x400000 };
    struct bytes out, test;
    bytes_init(&out, arena, arch->order);
    bytes_init(&test, arena, arch->order);
    arch->skip_unless_taken(insn, 5, &test);
    if (!arch->move(insn, TO, bias, &out))
        return;
    struct code moved = {{out.p, out.n}, TO, 0};
    struct insn again;
    if (!arch->decode(&moved, &again))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
    struct arena *arena = arena_new();
    size_t count;
    const struct arch *const *table = arch_table(&count);
    for (size_t i = 0; i < count; i++) {
        struct code code = {{data, len}, 0x10000, 0};
        struct insn insn;
        struct insn_brief brief;
        table[i]->brief(&code, &brief);
        bool known = table[i]->decode(&code, &insn);
        bool both = known && brief.len != 0;
        // Where an address takes two instructions, one alone may leave it out.
        bool tells_address = table[i]->insn_align == 1 || brief.pc_value != 0;
        if (both && !(insn.flags & INSN_IMMOVABLE) &&
            (brief.len != insn.len || brief.kind != insn.kind ||
             brief.target != insn.target ||
             (tells_address && brief.pc_value != insn.pc_value)))
            abort();
        if (known) {
            move(table[i], arena, &insn, 0);
            move(table[i], arena, &insn, 40);
        }
    }
    arena_free(arena);
    return 0;
}
