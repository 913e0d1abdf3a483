// passed_table.c: how the ABIs pass arguments and results.
//
//     x86-64   System V ABI, AMD64 supplement, 3.2.3
//     AAPCS64  Procedure Call Standard for the Arm 64-bit Architecture, 6.8,
//              6.9
//     RISC-V   RISC-V Calling Conventions, 2.1 and 2.2
//     AAPCS    Procedure Call Standard for the Arm Architecture, 6.3 to 6.5;
//              7.1.2: floating point in registers of its own
//     PowerPC  System V ABI, PowerPC supplement, 3-18 to 3-22, with what
//              compilers for Linux have decided where it leaves a choice

#include "script/passed.h"

static const struct passing_rules x86_64 = {
    .arguments =
        {
            [SHAPE_INTEGER] = {IN_GENERAL, 0},
            [SHAPE_WIDE] = {IN_GENERAL, LAST_OF_LLVM},
            [SHAPE_FLOAT] = {IN_FLOATS, 0},
            [SHAPE_QUAD] = {ON_STACK, 0},
            [SHAPE_VECTOR] = {IN_FLOATS, 0},
            [SHAPE_SMALL] = {IN_CLASSES, 0},
            [SHAPE_LARGE] = {ON_STACK, 0},
            [SHAPE_OBJECT] = {BY_ADDRESS, 0},
        },
    .results =
        {
            [SHAPE_INTEGER] = {IN_GENERAL, 0},
            [SHAPE_WIDE] = {IN_GENERAL, 0},
            [SHAPE_FLOAT] = {IN_FLOATS, 0},
            [SHAPE_QUAD] = {IN_CLASSES, 0},
            [SHAPE_COMPLEX] = {IN_CLASSES, 0},
            [SHAPE_VECTOR] = {IN_FLOATS, 0},
            [SHAPE_SMALL] = {IN_CLASSES, 0},
            [SHAPE_LARGE] = {BY_ADDRESS, 0},
            [SHAPE_OBJECT] = {BY_ADDRESS, 0},
        },
    .has_result_argument = true,
    .leaves_address = true,
    .lacks_open = true,
    .heeds_asked = true,
    .vectors = 16,
};

static const struct passing_rules aapcs64 = {
    .arguments =
        {
            [SHAPE_INTEGER] = {IN_GENERAL, LAST},
            [SHAPE_WIDE] = {IN_GENERAL, EVEN | LAST},
            [SHAPE_FLOAT] = {IN_FLOATS, LAST},
            [SHAPE_QUAD] = {IN_FLOATS, LAST},
            [SHAPE_VECTOR] = {IN_FLOATS, LAST},
            [SHAPE_HOMOGENEOUS] = {IN_FLOATS, LAST},
            [SHAPE_SMALL] = {IN_GENERAL, EVEN | LAST},
            [SHAPE_LARGE] = {BY_ADDRESS, LAST},
            [SHAPE_OBJECT] = {BY_ADDRESS, LAST},
        },
    .results =
        {
            [SHAPE_INTEGER] = {IN_GENERAL, 0},
            [SHAPE_WIDE] = {IN_GENERAL, 0},
            [SHAPE_FLOAT] = {IN_FLOATS, 0},
            [SHAPE_QUAD] = {IN_FLOATS, 0},
            [SHAPE_VECTOR] = {IN_FLOATS, 0},
            [SHAPE_HOMOGENEOUS] = {IN_FLOATS, 0},
            [SHAPE_SMALL] = {IN_GENERAL, 0},
            [SHAPE_LARGE] = {BY_ADDRESS, 0},
            [SHAPE_OBJECT] = {BY_ADDRESS, 0},
        },
    .vectors = 16,
    .longer = LONGER_LARGE,
};

static const struct passing_rules riscv = {
    .arguments =
        {
            [SHAPE_INTEGER] = {IN_GENERAL, 0},
            [SHAPE_WIDE] = {IN_GENERAL, SPLIT},
            [SHAPE_FLOAT] = {IN_FLOATS, OR_GENERAL},
            [SHAPE_QUAD] = {IN_GENERAL, SPLIT},
            [SHAPE_SMALL] = {IN_PARTS, SPLIT},
            [SHAPE_LARGE] = {BY_ADDRESS, 0},
            [SHAPE_OBJECT] = {BY_ADDRESS, 0},
        },
    .results =
        {
            [SHAPE_INTEGER] = {IN_GENERAL, 0},
            [SHAPE_WIDE] = {IN_GENERAL, 0},
            [SHAPE_FLOAT] = {IN_FLOATS, OR_GENERAL},
            [SHAPE_QUAD] = {IN_GENERAL, 0},
            [SHAPE_SMALL] = {IN_PARTS, 0},
            [SHAPE_LARGE] = {BY_ADDRESS, 0},
            [SHAPE_OBJECT] = {BY_ADDRESS, 0},
        },
    .has_result_argument = true,
    .heeds_asked = true,
    .vectors = 16,
    .longer = LONGER_LARGE,
};

static const struct passing_rules aapcs = {
    .arguments =
        {
            [SHAPE_INTEGER] = {IN_GENERAL, LAST},
            [SHAPE_WIDE] = {IN_GENERAL, EVEN | LAST},
            [SHAPE_FLOAT] = {IN_FLOATS, LAST},
            [SHAPE_VECTOR] = {IN_FLOATS, LAST},
            [SHAPE_HOMOGENEOUS] = {IN_FLOATS, LAST},
            [SHAPE_SMALL] = {IN_GENERAL, EVEN | LAST | SPLIT},
            [SHAPE_LARGE] = {IN_GENERAL, EVEN | LAST | SPLIT},
            [SHAPE_OBJECT] = {BY_ADDRESS, LAST},
        },
    .results =
        {
            [SHAPE_INTEGER] = {IN_GENERAL, 0},
            [SHAPE_WIDE] = {IN_GENERAL, 0},
            [SHAPE_FLOAT] = {IN_FLOATS, 0},
            [SHAPE_VECTOR] = {IN_FLOATS, 0},
            [SHAPE_HOMOGENEOUS] = {IN_FLOATS, 0},
            [SHAPE_SMALL] = {IN_WORD, 0},
            [SHAPE_LARGE] = {BY_ADDRESS, 0},
            [SHAPE_OBJECT] = {BY_ADDRESS, 0},
        },
    .has_result_argument = true,
    .has_singles = true,
    .is_variadic_plain = true,
    .vectors = 16,
    .longer = LONGER_BY_GNU,
};

static const struct passing_rules ppc = {
    .arguments =
        {
            [SHAPE_INTEGER] = {IN_GENERAL, LAST},
            [SHAPE_WIDE] = {IN_GENERAL, PAIRS | LAST},
            [SHAPE_FLOAT] = {IN_FLOATS, LAST},
            [SHAPE_QUAD] = {IN_FLOATS, LAST},
            [SHAPE_VECTOR] = {IN_GENERAL, PAIRS | LAST},
            [SHAPE_COMPLEX] = {IN_GENERAL, PAIRS | LAST},
            [SHAPE_SMALL] = {BY_ADDRESS, LAST},
            [SHAPE_LARGE] = {BY_ADDRESS, LAST},
            [SHAPE_OBJECT] = {BY_ADDRESS, LAST},
        },
    .results =
        {
            [SHAPE_INTEGER] = {IN_GENERAL, 0},
            [SHAPE_WIDE] = {IN_GENERAL, 0},
            [SHAPE_FLOAT] = {IN_FLOATS, 0},
            [SHAPE_QUAD] = {IN_FLOATS, 0},
            [SHAPE_VECTOR] = {IN_GENERAL, 0},
            [SHAPE_COMPLEX] = {IN_GENERAL, 0},
            [SHAPE_SMALL] = {BY_ADDRESS, 0},
            [SHAPE_LARGE] = {BY_ADDRESS, 0},
            [SHAPE_OBJECT] = {BY_ADDRESS, 0},
        },
    .has_result_argument = true,
    .has_halves = true,
    .has_gnu_vectors = true,
    .vectors = 8,
    .longer = LONGER_LARGE,
};

const struct passing_rules *passing_table(const struct arch *arch) {
    static const struct passing_rules *const tables[PASSING_COUNT] = {
        [PASSING_X86_64] = &x86_64, [PASSING_AAPCS64] = &aapcs64,
        [PASSING_RISCV] = &riscv,   [PASSING_AAPCS] = &aapcs,
        [PASSING_PPC] = &ppc,
    };
    return tables[arch->abi.passing];
}
