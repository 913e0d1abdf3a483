// types.c: what DWARF knows of a program's types, looked up by name.
//
// A type is named by the offset of its entry in the debug information, an `id`;
// 0 is void. Nothing is read before it is asked for: the first question for a
// name makes an index of the names at the top of all units, and each type and
// its members are read when somebody looks at them. Of several types of one
// name the first that is complete counts.

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <stdlib.h>
#include <string.h>

#include "image/elf_file.h"

#define NAMESPACES_MOST 32

struct debug_types {
    struct arena *arena;
    struct image *separate; // the file with the debug information, or NULL
    Dwarf *dwarf;
    bool is_indexed;
    struct map names; // of enum debug_kind and name: id
};

// --- opening ---

static bool has_units(Dwarf *dwarf) {
    Dwarf_CU *unit = NULL;
    return dwarf &&
           dwarf_get_units(dwarf, unit, &unit, NULL, NULL, NULL, NULL) == 0;
}

struct debug_types *debug_types_open(struct arena *arena, struct image *image) {
    struct debug_types *types = ARENA_NEW(arena, struct debug_types);
    types->arena = arena;
    map_init(&types->names, arena);
    if (image->elf)
        types->dwarf = dwarf_begin_elf(image->elf->handle, DWARF_C_READ, NULL);
    if (has_units(types->dwarf))
        return types;
    dwarf_end(types->dwarf);
    types->separate = debug_find_separate(image);
    if (!types->separate)
        return NULL;
    types->dwarf =
        dwarf_begin_elf(types->separate->elf->handle, DWARF_C_READ, NULL);
    if (has_units(types->dwarf))
        return types;
    debug_types_close(types);
    return NULL;
}

void debug_types_close(struct debug_types *types) {
    if (!types)
        return;
    dwarf_end(types->dwarf);
    image_close(types->separate);
}

// --- attributes ---

static bool has_flag(Dwarf_Die *die, unsigned name) {
    Dwarf_Attribute attribute;
    bool value = false;
    return dwarf_attr_integrate(die, name, &attribute) &&
           dwarf_formflag(&attribute, &value) == 0 && value;
}

// Not of what an entry defines: that is a declaration always.
static bool is_declaration(Dwarf_Die *die) {
    return dwarf_hasattr(die, DW_AT_declaration);
}

static bool number(Dwarf_Die *die, unsigned name, uint64_t *value) {
    Dwarf_Attribute attribute;
    Dwarf_Word word;
    if (!dwarf_attr_integrate(die, name, &attribute) ||
        dwarf_formudata(&attribute, &word) != 0)
        return false;
    *value = word;
    return true;
}

static struct str name_of(const struct debug_types *types, Dwarf_Die *die) {
    const char *name = dwarf_diename(die);
    return name ? str_copy(types->arena, str_from(name)) : (struct str){0};
}

// What is told elsewhere: a unit of one type, found by its signature.
static Dwarf_Die *whole(Dwarf_Die *die, Dwarf_Die *room) {
    Dwarf_Attribute attribute;
    bool is_elsewhere = dwarf_attr(die, DW_AT_signature, &attribute) &&
                        dwarf_formref_die(&attribute, room);
    return is_elsewhere ? room : die;
}

// The type an entry refers to, without its qualifiers; 0: void.
static uint64_t type_id(Dwarf_Die *die) {
    Dwarf_Attribute attribute;
    Dwarf_Die at = *die, next;
    for (unsigned depth = 0; depth < 32; depth++) {
        if (!dwarf_attr_integrate(&at, DW_AT_type, &attribute) ||
            !dwarf_formref_die(&attribute, &next))
            return 0;
        switch (dwarf_tag(&next)) {
        case DW_TAG_const_type:
        case DW_TAG_volatile_type:
        case DW_TAG_restrict_type:
        case DW_TAG_atomic_type: at = next; break;
        default: return dwarf_dieoffset(whole(&next, &at));
        }
    }
    return 0;
}

static enum debug_kind kind_of(int tag) {
    switch (tag) {
    case DW_TAG_base_type: return DEBUG_INTEGER;
    case DW_TAG_pointer_type:
    case DW_TAG_reference_type:
    case DW_TAG_rvalue_reference_type: return DEBUG_POINTER;
    case DW_TAG_ptr_to_member_type: return DEBUG_MEMBER;
    case DW_TAG_array_type: return DEBUG_ARRAY;
    case DW_TAG_structure_type:
    case DW_TAG_class_type: return DEBUG_STRUCT;
    case DW_TAG_union_type: return DEBUG_UNION;
    case DW_TAG_enumeration_type: return DEBUG_ENUM;
    case DW_TAG_subroutine_type: return DEBUG_FUNCTION;
    case DW_TAG_typedef: return DEBUG_TYPEDEF;
    case DW_TAG_subprogram: return DEBUG_CODE;
    case DW_TAG_variable: return DEBUG_VARIABLE;
    default: return DEBUG_OTHER;
    }
}

// --- names ---

static struct str key_of(const struct debug_types *types, enum debug_kind kind,
                         struct str name) {
    return str_format(types->arena, "%d %.*s", (int)kind, STR_ARGS(name));
}

static void index_name(struct debug_types *types, enum debug_kind kind,
                       struct str name, Dwarf_Die *die) {
    struct str key = key_of(types, kind, name);
    if (name.n && !map_get(&types->names, key))
        map_put(&types->names, key, (void *)(uintptr_t)dwarf_dieoffset(die));
}

// What C++ calls a function by, its types included.
static struct str linkage_name(Dwarf_Die *die) {
    Dwarf_Attribute attribute;
    bool has = dwarf_attr_integrate(die, DW_AT_linkage_name, &attribute) ||
               dwarf_attr_integrate(die, DW_AT_MIPS_linkage_name, &attribute);
    return str_from(has ? dwarf_formstring(&attribute) : NULL);
}

static void index_entry(struct debug_types *types, Dwarf_Die *die) {
    enum debug_kind kind = kind_of(dwarf_tag(die));
    struct str name = str_from(dwarf_diename(die));
    bool is_named = kind == DEBUG_STRUCT || kind == DEBUG_UNION ||
                    kind == DEBUG_ENUM || kind == DEBUG_TYPEDEF ||
                    kind == DEBUG_CODE;
    bool is_defined = kind == DEBUG_VARIABLE
                          ? dwarf_hasattr(die, DW_AT_location)
                          : is_named && !is_declaration(die);
    if (!is_defined)
        return;
    index_name(types, kind, name, die);
    if (kind == DEBUG_CODE)
        index_name(types, kind, linkage_name(die), die);
}

// What a unit or a namespace holds. Scripts have no word for namespaces: names
// within count where there is none of the kind outside.
static void index_entries(struct debug_types *types, Dwarf_Die *within,
                          unsigned depth) {
    Dwarf_Die first, die;
    if (depth > NAMESPACES_MOST || dwarf_child(within, &first) != 0)
        return;
    die = first;
    do
        index_entry(types, &die);
    while (dwarf_siblingof(&die, &die) == 0);
    die = first;
    do
        if (dwarf_tag(&die) == DW_TAG_namespace)
            index_entries(types, &die, depth + 1);
    while (dwarf_siblingof(&die, &die) == 0);
}

uint64_t debug_type_find(struct debug_types *types, enum debug_kind kind,
                         struct str name) {
    Dwarf_CU *unit = NULL;
    Dwarf_Die die;
    while (!types->is_indexed && dwarf_get_units(types->dwarf, unit, &unit,
                                                 NULL, NULL, &die, NULL) == 0)
        index_entries(types, &die, 0);
    types->is_indexed = true;
    return (uintptr_t)map_get(&types->names, key_of(types, kind, name));
}

// --- types ---

// Where a variable is, if that is one address.
static uint64_t variable_va(Dwarf_Die *die) {
    Dwarf_Attribute attribute;
    Dwarf_Op *ops;
    size_t count = 0;
    if (!dwarf_attr(die, DW_AT_location, &attribute) ||
        dwarf_getlocation(&attribute, &ops, &count) != 0 || count != 1)
        return 0;
    if (ops[0].atom == DW_OP_addr)
        return ops[0].number;
    Dwarf_Attribute address;
    Dwarf_Addr va;
    bool is_indexed =
        ops[0].atom == DW_OP_addrx &&
        dwarf_getlocation_attr(&attribute, &ops[0], &address) == 0 &&
        dwarf_formaddr(&address, &va) == 0;
    return is_indexed ? va : 0;
}

static void read_base(Dwarf_Die *die, struct debug_type *out) {
    uint64_t encoding = 0;
    number(die, DW_AT_encoding, &encoding);
    out->is_signed =
        encoding == DW_ATE_signed || encoding == DW_ATE_signed_char;
    out->is_char =
        encoding == DW_ATE_signed_char || encoding == DW_ATE_unsigned_char;
    // D's char has a sign, and its arrays are texts, also where the machine's
    // compilers think otherwise.
    const char *name = dwarf_diename(die);
    out->is_signed |= out->is_char && name && strcmp(name, "char") == 0;
    out->is_complex = encoding == DW_ATE_complex_float;
    out->is_decimal = encoding == DW_ATE_decimal_float;
    if (encoding == DW_ATE_float || out->is_complex || out->is_decimal)
        out->kind = DEBUG_FLOAT;
}

static void read_dimensions(Dwarf_Die *die, struct debug_type *out) {
    Dwarf_Die range;
    if (dwarf_child(die, &range) != 0)
        return;
    do {
        uint64_t count = 0, last;
        if (dwarf_tag(&range) != DW_TAG_subrange_type ||
            out->dimension_count == COUNT_OF(out->dimensions))
            continue;
        if (!number(&range, DW_AT_count, &count) &&
            number(&range, DW_AT_upper_bound, &last))
            count = last + 1; // an array of unknown length ends at -1, or at
                              // nothing
        out->dimensions[out->dimension_count++] = count;
    } while (dwarf_siblingof(&range, &range) == 0);
}

// What a pointer or reference leads to, without what only qualifies it.
static bool leads_to(Dwarf_Die *die, Dwarf_Off wanted) {
    Dwarf_Attribute attribute;
    Dwarf_Die at = *die;
    do
        if (!dwarf_attr_integrate(&at, DW_AT_type, &attribute) ||
            !dwarf_formref_die(&attribute, &at))
            return false;
    while (dwarf_tag(&at) == DW_TAG_const_type ||
           dwarf_tag(&at) == DW_TAG_reference_type ||
           dwarf_tag(&at) == DW_TAG_rvalue_reference_type);
    return dwarf_dieoffset(&at) == wanted;
}

// Whether a member function is called like its class and takes another object
// of it: no artificial parameter, such as `this`, is meant.
static bool copies(Dwarf_Die *function, Dwarf_Die *class_die) {
    Dwarf_Die child;
    struct str name = str_from(dwarf_diename(function));
    struct str class_name = str_from(dwarf_diename(class_die));
    bool is_constructor =
        name.n > 0 && str_starts_with(class_name, name) &&
        (class_name.n == name.n || class_name.p[name.n] == '<');
    if (!is_constructor || dwarf_child(function, &child) != 0)
        return false;
    do
        if (dwarf_tag(&child) == DW_TAG_formal_parameter &&
            !has_flag(&child, DW_AT_artificial))
            return leads_to(&child, dwarf_dieoffset(class_die));
    while (dwarf_siblingof(&child, &child) == 0);
    return false;
}

static bool is_trivial(Dwarf_Die *function) {
    uint64_t defaulted;
    return (number(function, DW_AT_defaulted, &defaulted) &&
            defaulted == DW_DEFAULTED_in_class) ||
           has_flag(function, DW_AT_deleted);
}

// By the C++ ABI (3.1.2.3, non-trivial for the purposes of calls): a class with
// a copy constructor or destructor of its own, or with virtual parts. Of its
// members' classes the caller asks in turn. Some compilers say it.
static bool is_by_reference(Dwarf_Die *die) {
    Dwarf_Die child;
    uint64_t convention;
    if (number(die, DW_AT_calling_convention, &convention) &&
        convention != DW_CC_normal)
        return convention == DW_CC_pass_by_reference;
    if (dwarf_child(die, &child) != 0)
        return false;
    do {
        bool is_function = dwarf_tag(&child) == DW_TAG_subprogram;
        uint64_t virtuality = 0;
        number(&child, DW_AT_virtuality, &virtuality);
        if (virtuality != DW_VIRTUALITY_none)
            return true;
        struct str name = str_from(dwarf_diename(&child));
        if (is_function && !is_trivial(&child) &&
            (str_starts_with(name, STR("~")) || copies(&child, die)))
            return true;
    } while (dwarf_siblingof(&child, &child) == 0);
    return false;
}

static struct compiler compiler_of(Dwarf_Die *die) {
    static const char by_llvm[] = "LLVM", of_clang[] = "clang version ";
    Dwarf_Die unit;
    Dwarf_Attribute attribute;
    struct compiler compiler = {COMPILER_OTHER, 0};
    if (!dwarf_diecu(die, &unit, NULL, NULL) ||
        !dwarf_attr(&unit, DW_AT_producer, &attribute))
        return compiler;
    const char *producer = dwarf_formstring(&attribute);
    const char *clang = producer ? strstr(producer, of_clang) : NULL;
    if (clang)
        compiler.version =
            (uint32_t)strtoul(clang + strlen(of_clang), NULL, 10);
    if (producer && strncmp(producer, "GNU ", 4) == 0)
        compiler.kind = COMPILER_GNU;
    else if (clang || (producer && strstr(producer, by_llvm)))
        compiler.kind = COMPILER_LLVM;
    return compiler;
}

// Whether it takes more than its parameters, and whether what calls it knows
// better than the ABI where they go.
static void read_code(Dwarf_Die *die, struct debug_type *out) {
    Dwarf_Die child;
    uint64_t convention = DW_CC_normal;
    number(die, DW_AT_calling_convention, &convention);
    out->is_private = convention == DW_CC_nocall;
    out->compiler = compiler_of(die);
    if (dwarf_lowpc(die, &out->va) != 0)
        out->va = 0;
    if (dwarf_child(die, &child) != 0)
        return;
    do
        out->is_variadic |= dwarf_tag(&child) == DW_TAG_unspecified_parameters;
    while (dwarf_siblingof(&child, &child) == 0);
}

bool debug_type_read(struct debug_types *types, uint64_t id,
                     struct debug_type *out) {
    Dwarf_Die die;
    *out = (struct debug_type){.kind = DEBUG_VOID};
    if (id == 0)
        return true;
    if (!dwarf_offdie(types->dwarf, id, &die))
        return false;
    out->kind = (uint8_t)kind_of(dwarf_tag(&die));
    out->name = name_of(types, &die);
    out->is_complete = !is_declaration(&die);
    number(&die, DW_AT_byte_size, &out->size);
    number(&die, DW_AT_alignment, &out->align);
    if (out->kind == DEBUG_STRUCT || out->kind == DEBUG_UNION)
        out->is_by_reference = is_by_reference(&die);
    out->of = type_id(&die);
    if (out->kind == DEBUG_INTEGER)
        read_base(&die, out);
    if (out->kind == DEBUG_ARRAY)
        read_dimensions(&die, out);
    out->is_vector = has_flag(&die, DW_AT_GNU_vector);
    if (out->kind == DEBUG_VARIABLE)
        out->va = variable_va(&die);
    if (out->kind == DEBUG_CODE)
        read_code(&die, out);
    return out->kind != DEBUG_OTHER;
}

// --- members ---

static void read_place(struct debug_types *types, Dwarf_Die *die,
                       struct debug_member *out) {
    uint64_t bytes = 0, bits = 0, width = 0, unit = 0;
    number(die, DW_AT_data_member_location, &bytes);
    number(die, DW_AT_bit_size, &width);
    number(die, DW_AT_alignment, &out->align);
    out->width = (uint8_t)width;
    out->off_bits = bytes * 8;
    if (number(die, DW_AT_data_bit_offset, &bits)) {
        out->off_bits = bits;
    } else if (number(die, DW_AT_bit_offset, &bits)) {
        // As of old, counted from the most significant bit of a unit.
        struct debug_type type;
        if (!number(die, DW_AT_byte_size, &unit) &&
            debug_type_read(types, out->type, &type))
            unit = type.size;
        out->off_bits += unit * 8 - bits - width;
    }
}

static bool read_member(struct debug_types *types, Dwarf_Die *die,
                        struct debug_member *out) {
    Dwarf_Attribute attribute;
    Dwarf_Sword value = 0;
    int tag = dwarf_tag(die);
    *out = (struct debug_member){.name = name_of(types, die)};
    if (tag == DW_TAG_enumerator) {
        if (dwarf_attr(die, DW_AT_const_value, &attribute))
            dwarf_formsdata(&attribute, &value);
        out->value = value;
        return true;
    }
    out->type = type_id(die);
    if (tag == DW_TAG_formal_parameter)
        return true;
    // A base is a member without a name, but where a virtual one lies only the
    // object tells.
    bool is_base =
        tag == DW_TAG_inheritance && !dwarf_hasattr(die, DW_AT_virtuality);
    if (is_base || tag == DW_TAG_member)
        read_place(types, die, out);
    return is_base || (tag == DW_TAG_member && !has_flag(die, DW_AT_external));
}

void debug_type_members(struct debug_types *types, uint64_t id,
                        struct debug_member **members, size_t *count) {
    Dwarf_Die die, child;
    size_t room = 0;
    *members = NULL;
    *count = 0;
    if (!dwarf_offdie(types->dwarf, id, &die) || dwarf_child(&die, &child) != 0)
        return;
    do {
        struct debug_member member;
        if (read_member(types, &child, &member))
            *ARENA_PUSH(types->arena, *members, *count, room) = member;
    } while (dwarf_siblingof(&child, &child) == 0);
}
