// passed_shape.c: what the ABIs want to know of a type.
//
// They look at the numbers that a structure consists of, whatever it is nested
// in: the leaves. A long structure is passed by its size alone.

#include "script/passed.h"

#define PARTS_MOST 4096

struct walk {
    struct script *script;
    struct shape *shape;
    uint32_t parts;
    bool is_object, is_unknown;
};

static bool is_x87(const struct walk *walk, const struct type *type) {
    return type->kind == TYPE_FLOAT && type->bits > 64 &&
           walk->script->arch->abi.wide_float == WIDE_FLOAT_X87;
}

// Of an array that stands for something else, too.
static enum leaf_kind leaf_kind(const struct walk *walk,
                                const struct type *type) {
    bool has_x87 = walk->script->arch->abi.wide_float == WIDE_FLOAT_X87;
    if (is_x87(walk, type))
        return LEAF_X87;
    if (type->kind == TYPE_POINTER)
        return LEAF_POINTER;
    switch ((enum stands_for)type->stands_for) {
    case STANDS_FOR_VECTOR: return LEAF_VECTOR;
    case STANDS_FOR_FLOAT:
        return has_x87 && type->count > 8 ? LEAF_VECTOR : LEAF_FLOAT;
    default: return type->kind == TYPE_FLOAT ? LEAF_FLOAT : LEAF_INTEGER;
    }
}

static void add_leaf(struct walk *walk, enum leaf_kind kind, uint64_t off,
                     uint64_t len) {
    struct shape *shape = walk->shape;
    if (off + len > SHAPE_READ)
        return;
    *ARENA_PUSH(walk->script->arena, shape->leaves, shape->leaf_count,
                shape->leaf_room) = (struct leaf){
        .off = (uint32_t)off, .len = (uint32_t)len, .kind = (uint8_t)kind};
}

static void walk_type(struct walk *walk, const struct type *type, uint64_t off);

static void walk_members(struct walk *walk, const struct type *type,
                         uint64_t off) {
    struct tagged *tagged = type->tagged;
    walk->is_object |= tagged->is_by_reference;
    walk->is_unknown |= !tagged->is_complete;
    walk->shape->has_union |= type->kind == TYPE_UNION;
    userland_read(tagged);
    for (uint32_t i = 0; i < tagged->member_count; i++) {
        const struct member *member = &tagged->members[i];
        uint64_t bits = off * 8 + member->off_bits;
        if (!member->type)
            walk->is_unknown = true;
        else if (member->width > 0)
            add_leaf(walk, LEAF_INTEGER, bits / 8,
                     (bits % 8 + member->width + 7) / 8);
        else
            walk_type(walk, member->type, bits / 8);
    }
}

// Damaged debug information may have a structure within itself.
static void walk_type(struct walk *walk, const struct type *type,
                      uint64_t off) {
    uint64_t size = type_size(walk->script, type);
    bool is_array = type->kind == TYPE_ARRAY;
    walk->shape->is_open |= is_array && type->count == 0;
    if (++walk->parts > PARTS_MOST)
        walk->is_unknown = true;
    if (walk->is_unknown)
        return;
    if (type->kind == TYPE_STRUCT || type->kind == TYPE_UNION) {
        walk_members(walk, type, off);
        return;
    }
    if (is_array && (type->stands_for == STANDS_FOR_ITSELF ||
                     type->stands_for == STANDS_FOR_COMPLEX)) {
        uint64_t step = size && type->count ? size / type->count : 0;
        uint64_t end = off + size < SHAPE_READ ? size : SHAPE_READ;
        for (uint64_t at = 0; step && at < end; at += step)
            walk_type(walk, type->of, off + at);
        return;
    }
    bool is_number = type_is_scalar(type) || type->kind == TYPE_FLOAT ||
                     (is_array && type->stands_for != STANDS_FOR_UNKNOWN);
    walk->is_unknown |= !is_number || size == 0;
    walk->shape->is_packed |= off % type_align(walk->script, type) != 0;
    add_leaf(walk, leaf_kind(walk, type), off, size);
}

// Longer vectors are in no registers of their own.
#define LONGEST_EQUAL 16

static bool is_homogeneous(const struct shape *shape) {
    const struct leaf *first = shape->leaves;
    if (shape->leaf_count == 0 || first->kind <= LEAF_POINTER ||
        first->len > LONGEST_EQUAL || shape->size % first->len != 0 ||
        shape->size / first->len > 4)
        return false;
    for (size_t i = 0; i < shape->leaf_count; i++)
        if (shape->leaves[i].kind != first->kind ||
            shape->leaves[i].len != first->len ||
            shape->leaves[i].off % first->len != 0)
            return false;
    // Nor are there holes, which an alignment makes.
    return shape->has_union || shape->leaf_count == shape->size / first->len;
}

static enum shape_kind kind_of(const struct walk *walk) {
    const struct shape *shape = walk->shape;
    const struct type *type = shape->type;
    uint64_t word = walk->script->arch->bits / 8u;
    if (walk->is_unknown)
        return SHAPE_UNKNOWN;
    if (type->kind == TYPE_STRUCT || type->kind == TYPE_UNION)
        return walk->is_object          ? SHAPE_OBJECT
               : is_homogeneous(shape)  ? SHAPE_HOMOGENEOUS
               : shape->size > 2 * word ? SHAPE_LARGE
                                        : SHAPE_SMALL;
    if (type->kind == TYPE_ARRAY && type->stands_for == STANDS_FOR_COMPLEX)
        return SHAPE_COMPLEX;
    if (type->kind == TYPE_ARRAY && type->stands_for == STANDS_FOR_ITSELF)
        return SHAPE_UNKNOWN;
    switch ((enum leaf_kind)shape->leaves[0].kind) {
    case LEAF_VECTOR: return SHAPE_VECTOR;
    case LEAF_X87: return SHAPE_QUAD;
    case LEAF_FLOAT: return shape->size > 8 ? SHAPE_QUAD : SHAPE_FLOAT;
    case LEAF_POINTER:
    case LEAF_INTEGER: break;
    }
    return shape->size > word ? SHAPE_WIDE : SHAPE_INTEGER;
}

void shape_of(struct script *script, const struct type *type,
              struct shape *out) {
    struct walk walk = {.script = script, .shape = out};
    *out = (struct shape){.type = type, .size = type_size(script, type)};
    walk_type(&walk, type, 0);
    walk.is_unknown |= !type_is_scalar(type) && type->kind != TYPE_STRUCT &&
                       type->kind != TYPE_UNION && out->leaf_count == 0;
    out->align = walk.is_unknown ? 1 : type_align(script, type);
    // What is packed is not as long as its alignment would have it, or has
    // something elsewhere.
    while (out->align > 1 && (out->is_packed || out->size % out->align != 0))
        out->align /= 2;
    out->aligned = out->align;
    bool is_tagged = type->kind == TYPE_STRUCT || type->kind == TYPE_UNION;
    if (is_tagged && type->tagged->asked_align > out->align)
        out->aligned = type->tagged->asked_align;
    out->kind = (uint8_t)kind_of(&walk);
}
