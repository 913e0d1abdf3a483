// show_type.c: print(): values with their types.
//
//     0x7f3a10 = *
//                                                 (struct s) {
//                                                  .a = (int)1,
//                                                  .b = (char [5]) [
//                                                   (char)'t',
//                                                  ],
//                                                  ...
//                                                 }
//
// (with less room at the left). What is zero is left out, an array of char ends
// at its first zero. Where the bytes that were recorded end, "..." takes the
// place of the member that begins there, ahead of the brackets that are still
// open: a structure closes only when the next line of its level is written.

#include <string.h>

#include "data/load.h"
#include "data/show.h"

#define MARGIN 44

struct printing {
    struct show *show;
    struct str bytes;
    // Brackets that are open, from the outside; mappings bound how deep.
    char open[128];
    unsigned open_count;
    bool is_cut;
};

static void indent(struct printing *printing, unsigned depth) {
    show_padded(printing->show, STR(""), (int)(MARGIN + depth));
}

// Closes brackets until `depth` are open.
static void close_to(struct printing *printing, unsigned depth) {
    while (printing->open_count > depth) {
        char bracket = printing->open[--printing->open_count];
        indent(printing, printing->open_count);
        show_format(printing->show, "%c%s\n", bracket,
                    printing->open_count > 0 ? "," : "");
    }
}

static bool is_zero(struct str bytes) {
    for (size_t i = 0; i < bytes.n; i++)
        if (bytes.p[i])
            return false;
    return true;
}

static uint64_t bit_field(const struct printing *printing, size_t off_bits,
                          unsigned bits) {
    uint64_t value = 0;
    bool is_big = printing->show->mapping->order == ORDER_BIG;
    for (unsigned i = 0; i < bits; i++) {
        size_t bit = off_bits + (is_big ? bits - 1 - i : i);
        unsigned shift = (unsigned)(is_big ? 7 - bit % 8 : bit % 8);
        uint64_t one = (uint8_t)printing->bytes.p[bit / 8] >> shift & 1;
        value |= one << i;
    }
    return value;
}

static void put_float(struct show *show, const char *p, uint32_t size) {
    show_format(show, "%Lf", show_float(show, p, size));
}

static const struct ir_data_member *enumerator(const struct ir_data_type *type,
                                               int64_t value) {
    for (uint32_t i = 0; i < type->member_count; i++)
        if (type->members[i].value == value)
            return &type->members[i];
    return NULL;
}

static void put_number(struct show *show, const struct ir_data_type *type,
                       uint64_t value, unsigned bits) {
    const struct ir_data_member *name = NULL;
    if (type->is_signed && bits < 64 && value >> (bits - 1) & 1)
        value |= UINT64_MAX << bits;
    if (type->kind == IR_DATA_ENUM)
        name = enumerator(type, (int64_t)value);
    if (type->kind == IR_DATA_POINTER)
        show_format(show, "0x%llx", (unsigned long long)value);
    else if (name)
        show_text(show, name->name);
    else if (type->is_char && type->is_signed && value >= ' ' && value <= '~')
        show_format(show, "'%c'", (int)value);
    else if (type->is_signed)
        show_signed(show, (int64_t)value, 0);
    else
        show_unsigned(show, value, 0);
}

static void put_scalar(struct printing *printing,
                       const struct ir_data_type *type, size_t off_bits,
                       unsigned bits) {
    const char *p = printing->bytes.p + off_bits / 8;
    struct show *show = printing->show;
    show_format(show, "(");
    show_text(show, type->name);
    show_text(show, STR(")"));
    if (type->kind == IR_DATA_FLOAT)
        put_float(show, p, type->size);
    else if (bits)
        put_number(show, type, bit_field(printing, off_bits, bits), bits);
    else
        put_number(
            show, type,
            load_quickly((const uint8_t *)p, type->size, show->mapping->order),
            type->size * 8);
}

static bool has_parts(const struct ir_data_type *type) {
    return type->kind == IR_DATA_ARRAY || type->kind == IR_DATA_STRUCT ||
           type->kind == IR_DATA_UNION;
}

static void visit(struct printing *printing, struct str name,
                  const struct ir_data_type *type, size_t off_bits,
                  unsigned bits, unsigned depth);

// An array of char shows what is ahead of its first zero. One that was not
// recorded to its end just ends, and closes at once.
static void visit_elements(struct printing *printing,
                           const struct ir_data_type *type, size_t off,
                           unsigned depth) {
    const struct ir_data_type *of = type->of;
    for (uint64_t i = 0; of && i < type->count && !printing->is_cut; i++) {
        size_t at = off + (size_t)i * of->size;
        if (at + (has_parts(of) ? 1 : of->size) > printing->bytes.n ||
            (of->is_char && !printing->bytes.p[at]))
            break;
        visit(printing, (struct str){0}, of, at * 8, 0, depth);
    }
    if (!printing->is_cut)
        close_to(printing, depth - 1);
}

static void visit_parts(struct printing *printing,
                        const struct ir_data_type *type, size_t off,
                        unsigned depth) {
    if (type->kind == IR_DATA_ARRAY) {
        visit_elements(printing, type, off, depth);
        return;
    }
    for (uint32_t i = 0; i < type->member_count && !printing->is_cut; i++) {
        const struct ir_data_member *member = &type->members[i];
        visit(printing, member->name, member->type, off * 8 + member->off_bits,
              member->bits, depth);
    }
}

// Whether a value is all there, or at least begins, and is not zero.
static bool wants_line(struct printing *printing,
                       const struct ir_data_type *type, size_t off_bits,
                       unsigned bits, unsigned depth) {
    size_t off = off_bits / 8, len = printing->bytes.n;
    size_t end = bits ? (off_bits + bits + 7) / 8 : off + type->size;
    if (has_parts(type) ? off >= len && type->size > 0 : end > len) {
        indent(printing, depth);
        show_text(printing->show, STR("...\n"));
        printing->is_cut = true;
        return false;
    }
    if (bits)
        return bit_field(printing, off_bits, bits) != 0;
    return !is_zero(str_slice(printing->bytes, off, end));
}

static void visit(struct printing *printing, struct str name,
                  const struct ir_data_type *type, size_t off_bits,
                  unsigned bits, unsigned depth) {
    if (depth > 0 && !wants_line(printing, type, off_bits, bits, depth))
        return;
    struct show *show = printing->show;
    close_to(printing, depth);
    indent(printing, depth);
    if (name.n > 0) {
        show_text(show, STR("."));
        show_text(show, name);
        show_text(show, STR(" = "));
    }
    if (!has_parts(type)) {
        put_scalar(printing, type, off_bits, bits);
        show_text(show, depth > 0 ? STR(",\n") : STR("\n"));
        return;
    }
    bool is_array = type->kind == IR_DATA_ARRAY;
    show_text(show, STR("("));
    show_text(show, type->name);
    show_text(show, is_array ? STR(") [\n") : STR(") {\n"));
    printing->open[printing->open_count++] = is_array ? ']' : '}';
    visit_parts(printing, type, off_bits / 8, depth + 1);
}

void show_type(struct show *show, const struct value *address,
               const struct value *value) {
    struct printing printing = {.show = show, .bytes = value->text};
    uint8_t room[8];
    if (value->kind == VALUE_INT) {
        store_uint(room, value->number, value->type.bits / 8u,
                   show->mapping->order);
        printing.bytes = (struct str){(char *)room, value->type.bits / 8u};
    }
    int64_t most = show->options->values[IR_OPTION_printsize];
    if (most > 0 && (uint64_t)most < printing.bytes.n)
        printing.bytes.n = (size_t)most;
    if (address)
        show_format(show, "0x%llx = *\n", (unsigned long long)address->number);
    const struct ir_data_type *type = value->data_type;
    if (!type || (!has_parts(type) && printing.bytes.n < type->size)) {
        show_trace(show, value);
        return;
    }
    visit(&printing, (struct str){0}, type, 0, 0, 0);
    close_to(&printing, 0);
}
