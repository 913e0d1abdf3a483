// userland.c: the types of the program, as its debug information has them.
//
// A script names them as its own: `(struct foo *)arg0`, `(foo_t *)arg0`. They
// become types of the script one by one, and a struct's members when one of
// them is asked for; so a script that names nothing of the program reads
// nothing of it.

#include "script/script.h"

static const struct type *convert(struct script *script, uint64_t id);

static const struct type *stand_for(struct script *script, enum stands_for what,
                                    const struct type *of, uint64_t count,
                                    struct str name) {
    struct type *type = ARENA_NEW(script->arena, struct type);
    *type = *type_derived(script, TYPE_ARRAY, of, count);
    type->stands_for = (uint8_t)what;
    if (name.n) {
        type->name = name;
        type->is_named = true;
    }
    return type;
}

// Nothing to compute with, but it has its bytes.
static const struct type *bytes_for(struct script *script,
                                    const struct debug_type *from,
                                    enum stands_for what) {
    return stand_for(script, what, type_basic(script, BASIC_UCHAR), from->size,
                     from->name);
}

static const struct type *convert_integer(struct script *script,
                                          const struct debug_type *from) {
    static const uint8_t sizes[][3] = {{1, BASIC_SCHAR, BASIC_UCHAR},
                                       {2, BASIC_SHORT, BASIC_USHORT},
                                       {4, BASIC_INT, BASIC_UINT},
                                       {8, BASIC_LLONG, BASIC_ULLONG}};
    if (from->is_char && from->size == 1 && from->is_signed)
        return type_basic(script, BASIC_CHAR);
    if (from->size * 8 == script->basic[BASIC_LONG].bits)
        return type_basic(script, from->is_signed ? BASIC_LONG : BASIC_ULONG);
    for (size_t i = 0; i < COUNT_OF(sizes); i++)
        if (sizes[i][0] == from->size)
            return type_basic(
                script, (enum basic_type)sizes[i][from->is_signed ? 1 : 2]);
    return bytes_for(script, from, STANDS_FOR_INTEGER);
}

static const struct type *convert_float(struct script *script,
                                        const struct debug_type *from) {
    uint64_t size = from->is_complex ? from->size / 2 : from->size;
    uint64_t wide = type_size(script, type_basic(script, BASIC_LDOUBLE));
    // On x86-64 there are two kinds of that size.
    bool is_wide = size == wide && !str_ends_with(from->name, STR("128"));
    if (from->is_decimal || (size != 4 && size != 8 && !is_wide))
        return bytes_for(script, from,
                         from->is_complex || from->is_decimal
                             ? STANDS_FOR_UNKNOWN
                             : STANDS_FOR_FLOAT);
    const struct type *type = type_basic(script, size == 4   ? BASIC_FLOAT
                                                 : size == 8 ? BASIC_DOUBLE
                                                             : BASIC_LDOUBLE);
    return from->is_complex
               ? stand_for(script, STANDS_FOR_COMPLEX, type, 2, from->name)
               : type;
}

// A function by where it is, or in which place of a table, and for which part
// of an object; or the offset of what is no function.
static const struct type *convert_member(struct script *script,
                                         const struct debug_type *from) {
    const struct type *word = type_basic(script, BASIC_LONG);
    struct debug_type of;
    bool is_function = debug_type_read(script->userland, from->of, &of) &&
                       of.kind == DEBUG_FUNCTION;
    if (!is_function)
        return word;
    struct type *type = ARENA_NEW(script->arena, struct type);
    struct tagged *tagged = ARENA_NEW(script->arena, struct tagged);
    uint64_t size = type_size(script, word);
    *type = (struct type){
        .kind = TYPE_STRUCT, .name = STR("struct"), .tagged = tagged};
    tagged->is_complete = true;
    tagged->size = 2 * size;
    tagged->align = size;
    tagged->script = script;
    tagged->members = ARENA_ARRAY(script->arena, struct member, 2);
    tagged->member_count = 2;
    tagged->members[0] = (struct member){.name = STR("__pfn"), .type = word};
    tagged->members[1] = (struct member){
        .name = STR("__delta"), .type = word, .off_bits = size * 8};
    return type;
}

static const struct type *convert_tagged(struct script *script,
                                         const struct debug_type *from,
                                         uint64_t id) {
    static const struct {
        uint8_t debug, kind;
        const char *word;
    } kinds[] = {{DEBUG_STRUCT, TYPE_STRUCT, "struct"},
                 {DEBUG_UNION, TYPE_UNION, "union"},
                 {DEBUG_ENUM, TYPE_ENUM, "enum"}};
    struct type *type = ARENA_NEW(script->arena, struct type);
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (kinds[i].debug == from->kind) {
            type->kind = kinds[i].kind;
            type->name =
                str_format(script->arena, "%s%s%.*s", kinds[i].word,
                           from->name.n ? " " : "", STR_ARGS(from->name));
        }
    type->tagged = ARENA_NEW(script->arena, struct tagged);
    *type->tagged = (struct tagged){.tag = from->name,
                                    .is_complete = from->is_complete,
                                    .is_by_reference = from->is_by_reference,
                                    .size = from->size,
                                    .align = 1,
                                    .asked_align = from->align,
                                    .script = script,
                                    .unread = from->is_complete ? id : 0};
    if (type->kind == TYPE_ENUM) {
        const struct type *like = type_basic(script, BASIC_INT);
        type->bits = from->size ? (uint8_t)(from->size * 8) : like->bits;
        type->is_signed = true;
        type->rank = like->rank;
    }
    return type;
}

static const struct type *convert_array(struct script *script,
                                        const struct debug_type *from) {
    const struct type *type = convert(script, from->of);
    if (from->is_vector && from->dimension_count == 1)
        return stand_for(script, STANDS_FOR_VECTOR, type, from->dimensions[0],
                         (struct str){0});
    for (size_t i = from->dimension_count; i-- > 0;)
        type = type_derived(script, TYPE_ARRAY, type, from->dimensions[i]);
    return type;
}

static const struct type *convert_typedef(struct script *script,
                                          const struct debug_type *from) {
    struct type *type = ARENA_NEW(script->arena, struct type);
    *type = *convert(script, from->of);
    type->name = from->name;
    type->is_named = true;
    return type;
}

static const struct type *convert_new(struct script *script, uint64_t id,
                                      const struct debug_type *from) {
    switch ((enum debug_kind)from->kind) {
    case DEBUG_INTEGER: return convert_integer(script, from);
    case DEBUG_FLOAT: return convert_float(script, from);
    case DEBUG_POINTER:
        return type_derived(script, TYPE_POINTER, convert(script, from->of), 0);
    case DEBUG_MEMBER: return convert_member(script, from);
    case DEBUG_ARRAY: return convert_array(script, from);
    case DEBUG_STRUCT:
    case DEBUG_UNION:
    case DEBUG_ENUM: return convert_tagged(script, from, id);
    case DEBUG_FUNCTION:
        return type_derived(script, TYPE_FUNCTION,
                            type_basic(script, BASIC_VOID), 0);
    case DEBUG_TYPEDEF: return convert_typedef(script, from);
    case DEBUG_VOID:
    case DEBUG_CODE:
    case DEBUG_VARIABLE:
    case DEBUG_OTHER: break;
    }
    return type_basic(script, BASIC_VOID);
}

// Damaged information may lead in circles; void ends them.
static const struct type *convert(struct script *script, uint64_t id) {
    const struct type *known = map_get_number(&script->user_types, id);
    struct debug_type from;
    const struct type *none = type_basic(script, BASIC_VOID);
    if (known || id == 0)
        return known ? known : none;
    map_put_number(&script->user_types, id, (void *)none);
    if (!debug_type_read(script->userland, id, &from))
        return none;
    const struct type *type = convert_new(script, id, &from);
    map_put_number(&script->user_types, id, (void *)type);
    return type;
}

static bool is_tagged(const struct type *type) {
    return type->kind == TYPE_STRUCT || type->kind == TYPE_UNION;
}

// What is declared in one unit is often defined in another.
static const struct type *completed(struct script *script,
                                    const struct type *type) {
    if (!is_tagged(type) || type->tagged->is_complete || !type->tagged->tag.n)
        return type;
    const struct type *found = userland_find(
        script, type->kind == TYPE_STRUCT ? KEYWORD_STRUCT : KEYWORD_UNION,
        type->tagged->tag);
    return found ? found : type;
}

// Whether the program has debug information; it is opened when first needed.
static bool is_open(struct script *script) {
    if (script->in_library)
        return false;
    if (!script->has_userland && script->outside->program)
        script->userland =
            debug_types_open(script->arena, script->outside->program);
    script->has_userland = true;
    return script->userland != NULL;
}

bool userland_is_scope(const struct script *script, struct str scope) {
    const struct image *program = script->outside->program;
    return program && (scope.n == 0 || str_equal(scope, STR("a.out")) ||
                       str_equal(scope, program->name));
}

const struct type *userland_find(struct script *script, enum token_kind word,
                                 struct str name) {
    enum debug_kind kind = word == KEYWORD_STRUCT  ? DEBUG_STRUCT
                           : word == KEYWORD_UNION ? DEBUG_UNION
                           : word == KEYWORD_ENUM  ? DEBUG_ENUM
                                                   : DEBUG_TYPEDEF;
    if (!is_open(script))
        return NULL;
    uint64_t id = debug_type_find(script->userland, kind, name);
    return id ? convert(script, id) : NULL;
}

const struct type *userland_function(struct script *script, struct str name) {
    struct debug_type from;
    struct debug_member *members;
    size_t count;
    uint64_t id = is_open(script)
                      ? debug_type_find(script->userland, DEBUG_CODE, name)
                      : 0;
    if (!id || !debug_type_read(script->userland, id, &from))
        return NULL;
    struct type *type = ARENA_NEW(script->arena, struct type);
    type->kind = TYPE_FUNCTION;
    type->of = convert(script, from.of);
    type->is_variadic = from.is_variadic;
    type->is_private = from.is_private;
    type->compiler = from.compiler;
    debug_type_members(script->userland, id, &members, &count);
    type->parameters = ARENA_ARRAY(script->arena, struct parameter, count);
    for (size_t i = 0; i < count; i++)
        type->parameters[type->parameter_count++] = (struct parameter){
            .type = convert(script, members[i].type), .name = members[i].name};
    return type;
}

static uint64_t find_object(struct script *script, struct str name,
                            struct debug_type *from) {
    static const enum debug_kind kinds[] = {DEBUG_VARIABLE, DEBUG_CODE};
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        uint64_t id = debug_type_find(script->userland, kinds[i], name);
        if (id && debug_type_read(script->userland, id, from))
            return id;
    }
    return 0;
}

const struct type *userland_object(struct script *script, struct str name,
                                   uint64_t *va) {
    struct debug_type from;
    if (!is_open(script) || !find_object(script, name, &from))
        return NULL;
    *va = from.va;
    return from.kind == DEBUG_CODE
               ? userland_function(script, name)
               : completed(script, convert(script, from.of));
}

static void take_align(struct tagged *tagged, const struct member *member,
                       uint64_t asked) {
    struct script *script = tagged->script;
    uint64_t align = type_align(script, member->type);
    if (is_tagged(member->type) && member->type->tagged->asked_align > asked)
        asked = member->type->tagged->asked_align;
    if (align < asked)
        align = asked;
    if (tagged->align < align)
        tagged->align = align;
}

// What its declaration asks for is not always told, but it is as long as that.
static void guess_asked(struct tagged *tagged, uint64_t extent) {
    uint64_t align = tagged->align;
    while (extent && align < tagged->size &&
           (extent + align - 1) / align * align != tagged->size)
        align *= 2;
    bool is_asked = align > tagged->align && align > tagged->asked_align &&
                    (extent + align - 1) / align * align == tagged->size;
    if (is_asked)
        tagged->asked_align = align;
}

void userland_read(struct tagged *tagged) {
    struct script *script = tagged->script;
    struct debug_member *members;
    size_t count;
    uint64_t extent = 0;
    if (!tagged->unread)
        return;
    debug_type_members(script->userland, tagged->unread, &members, &count);
    tagged->unread = 0;
    tagged->members = ARENA_ARRAY(script->arena, struct member, count);
    for (size_t i = 0; i < count; i++) {
        struct member *out = &tagged->members[tagged->member_count++];
        const struct type *type = convert(script, members[i].type);
        *out = (struct member){.name = members[i].name,
                               .type = completed(script, type),
                               .off_bits = members[i].off_bits,
                               .width = members[i].width,
                               .value = members[i].value};
        uint64_t bits =
            out->width ? out->width : type_size(script, out->type) * 8;
        if (extent < (out->off_bits + bits + 7) / 8)
            extent = (out->off_bits + bits + 7) / 8;
        take_align(tagged, out, members[i].align);
    }
    guess_asked(tagged, extent);
}

void userland_close(struct script *script) {
    debug_types_close(script->userland);
    script->userland = NULL;
}
