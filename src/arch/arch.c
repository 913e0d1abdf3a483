// arch.c: the machines MCTrace knows, and what is asked of each of them alike.
//
// A machine is registered by its row in `machines`; whatever iterates over
// machines, the tests among them, uses arch_table.

#include "arch/arch.h"

// Each in its folder; their headers are their own affair.
extern const struct arch arch_x86_64;
extern const struct arch arch_aarch64;
extern const struct arch arch_riscv64;
extern const struct arch arch_ppc32;
extern const struct arch arch_arm;

static const struct arch *const machines[] = {
    &arch_x86_64, &arch_aarch64, &arch_riscv64, &arch_ppc32, &arch_arm,
};

const struct table_form arch_plain_tables[] = {{4, 0, true, false}, {0}};

const struct arch *const *arch_table(size_t *count) {
    *count = COUNT_OF(machines);
    return machines;
}

const struct arch *arch_by_elf(uint16_t machine, unsigned bits,
                               enum byte_order order) {
    for (size_t i = 0; i < COUNT_OF(machines); i++) {
        const struct arch *arch = machines[i];
        if (arch->elf_machine == machine && arch->bits == bits &&
            arch->order == order)
            return arch;
    }
    return NULL;
}

const struct arch *arch_by_name(struct str name) {
    for (size_t i = 0; i < COUNT_OF(machines); i++)
        if (str_is(name, machines[i]->name))
            return machines[i];
    return NULL;
}

const struct arch *arch_by_processor(struct str name,
                                     const struct processor **processor) {
    for (size_t i = 0; i < COUNT_OF(machines); i++) {
        const struct arch *arch = machines[i];
        if (arch->processor_named &&
            (*processor = arch->processor_named(name)) != NULL)
            return arch;
    }
    return NULL;
}

const struct arch *arch_in_mode(const struct arch *arch, unsigned mode) {
    return arch->modes ? arch->modes[mode] : arch;
}

const char *arch_syscall_name(const struct arch *arch, uint64_t number) {
    for (const struct syscall_row *row = arch->syscalls; row->name; row++)
        if (row->number == number)
            return row->name;
    return NULL;
}

bool arch_syscall_number(const struct arch *arch, struct str name,
                         uint32_t *number) {
    for (const struct syscall_row *row = arch->syscalls; row->name; row++)
        if (str_is(name, row->name)) {
            *number = row->number;
            return true;
        }
    return false;
}

uint64_t arch_float_word(unsigned bytes, uint32_t number, uint32_t word) {
    return bytes | (uint64_t)word << 8 | (uint64_t)number << 16;
}

struct float_word arch_float_unpack(const struct arch *arch, uint64_t packed) {
    struct float_word word = {.form = arch->abi.float_forms,
                              .number = (uint32_t)(packed >> 16),
                              .word = (uint32_t)(packed >> 8) & 0xff};
    while (word.form->bytes != (packed & 0xff))
        word.form++;
    return word;
}

uint64_t arch_float_room(const struct float_form *form) {
    return (form->room ? form->room : FLOAT_ALIGN) + FLOAT_ALIGN;
}

uint64_t arch_float_off(const struct float_word *word) {
    return word->form->first + (uint64_t)word->number * word->form->step +
           (uint64_t)word->word * sizeof(uint64_t);
}

struct str arch_float_read(struct arena *arena, const struct arch *arch,
                           const struct float_word *word, const char *percent,
                           const char *to) {
    struct str text = STR("");
    for (const char *at = word->form->text; *at; at++) {
        struct str rest = text;
        switch (*at) {
        case '@':
            text = str_format(arena, "%.*s%u", STR_ARGS(rest),
                              arch->abi.float_first + word->number);
            break;
        case '#': text = str_format(arena, "%.*s%s", STR_ARGS(rest), to); break;
        case '%':
            text = str_format(arena, "%.*s%s", STR_ARGS(rest), percent);
            break;
        default: text = str_format(arena, "%.*s%c", STR_ARGS(rest), *at);
        }
    }
    return text;
}

static bool is_among(const uint32_t *types, uint32_t type) {
    for (const uint32_t *at = types; at && *at; at++)
        if (*at == type)
            return true;
    return false;
}

bool arch_is_for_loader(const struct arch *arch, uint32_t type) {
    return is_among(arch->loader_relocs, type);
}

bool arch_takes_veneer(const struct arch *arch, uint32_t type) {
    return is_among(arch->veneer_relocs, type);
}

const struct reloc_row *arch_reloc(const struct arch *arch, uint32_t type) {
    for (const struct reloc_row *row = arch->relocs; row->name; row++)
        if (row->type == type)
            return row;
    return NULL;
}

const struct library_reloc *arch_library_reloc(const struct arch *arch,
                                               uint32_t type) {
    const struct library_reloc *reloc = arch->library_relocs;
    for (; reloc && reloc->row.name; reloc++)
        if (reloc->row.type == type)
            return reloc;
    return NULL;
}

const struct reach *arch_reach(const struct arch *arch, uint64_t from,
                               uint64_t to, unsigned room) {
    int64_t distance = (int64_t)(to - from);
    for (unsigned i = 0; i < arch->jump_count; i++) {
        const struct reach *reach = &arch->jumps[i];
        if (reach->len <= room && reach->min <= distance &&
            distance <= reach->max)
            return reach;
    }
    return NULL;
}
