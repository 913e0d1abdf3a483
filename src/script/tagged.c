// tagged.c: what stands in the braces of a struct, union or enum.
//
// Members get their places as they are read, by the rules of the C compilers
// of the target: each at the next multiple of its alignment, a bit-field within
// one storage unit of its type. A tag is known from where it is first
// mentioned and complete when its closing brace is; pointers to it may be made
// before. Enumerators become inlines.
//
//     struct s { char c; int a : 3; int b : 5; long d; };
//     bits       0        8          11         64

#include <limits.h>

#include "script/script.h"

#define MEMBERS_MOST 100000
#define NESTING_MOST 64

struct building {
    struct tagged *tagged;
    uint64_t off_bits; // where the next member may begin
    bool is_union;
    size_t room;
};

static uint64_t align_up(uint64_t value, uint64_t alignment) {
    return (value + alignment - 1) / alignment * alignment;
}

// --- finding members ---

bool type_member(const struct type *type, struct str name,
                 struct member *found) {
    struct tagged *tagged = type->tagged;
    userland_read(tagged);
    for (uint32_t i = 0; i < tagged->member_count; i++) {
        const struct member *member = &tagged->members[i];
        bool is_tagged = member->type && (member->type->kind == TYPE_STRUCT ||
                                          member->type->kind == TYPE_UNION);
        if (member->name.n && str_equal(member->name, name)) {
            *found = *member;
            return true;
        }
        if (!member->name.n && is_tagged &&
            type_member(member->type, name, found)) {
            found->off_bits += member->off_bits;
            return true;
        }
    }
    return false;
}

// --- members of structs and unions ---

static void fail_member(struct script *script, enum tag tag, struct token name,
                        struct span span, const char *what) {
    script_fail(script, tag, name.text.n ? name.span : span, "%s%s%.*s%s", what,
                name.text.n ? ": '" : "", STR_ARGS(name.text),
                name.text.n ? "'" : "");
}

static bool check_new_member(struct script *script,
                             const struct building *building,
                             const struct type *type, struct token name,
                             struct span span) {
    struct member found;
    struct type whole = {.tagged = building->tagged};
    bool is_tagged = type->kind == TYPE_STRUCT || type->kind == TYPE_UNION;
    if (type->kind == TYPE_ASSOCIATIVE)
        fail_member(script, D_DECL_DYNOBJ, name, span,
                    "a member cannot be an associative array");
    else if ((is_tagged || type->kind == TYPE_ENUM) &&
             !type->tagged->is_complete)
        fail_member(script, D_DECL_INCOMPLETE, name, span,
                    "the type of this member is not complete");
    else if (type->kind == TYPE_VOID || type->kind == TYPE_FUNCTION)
        fail_member(script, D_DECL_VOIDOBJ, name, span,
                    "a member needs a type that has a size");
    else if (name.text.n && type_member(&whole, name.text, &found))
        fail_member(script, D_UNKNOWN, name, span,
                    "there is a member of this name already");
    else if (building->tagged->member_count >= MEMBERS_MOST)
        script_fail_limit(script, span, "there are too many members");
    return !script->failed;
}

static void add_member(struct script *script, struct building *building,
                       struct member member, uint64_t size, uint64_t align) {
    struct tagged *tagged = building->tagged;
    *ARENA_PUSH(script->arena, tagged->members, tagged->member_count,
                building->room) = member;
    uint64_t end = building->is_union ? size : building->off_bits;
    if (tagged->size < end)
        tagged->size = end; // in bits until the brace
    if (tagged->align < align)
        tagged->align = align;
}

static void place_member(struct script *script, struct building *building,
                         const struct type *type, struct token name) {
    uint64_t size = type_size(script, type) * 8;
    uint64_t align = type_align(script, type);
    struct member member = {.name = name.text, .type = type};
    if (!building->is_union) {
        member.off_bits = align_up(building->off_bits, align * 8);
        building->off_bits = member.off_bits + size;
    }
    add_member(script, building, member, size, align);
}

// A field may not cross a unit of its type; width 0 ends the unit.
static void place_bit_field(struct script *script, struct building *building,
                            const struct type *type, struct token name,
                            uint8_t width) {
    uint64_t unit = type->bits, off = building->off_bits;
    struct member member = {.name = name.text, .type = type, .width = width};
    if (building->is_union)
        off = 0;
    else if (!width || off % unit + width > unit)
        off = align_up(off, unit);
    member.off_bits = off;
    if (!building->is_union)
        building->off_bits = off + width;
    if (name.text.n)
        add_member(script, building, member, width, unit / 8);
}

// bit-field := ':' expression
static void parse_bit_field(struct script *script, struct building *building,
                            const struct type *type, struct token name,
                            struct span span) {
    int64_t width;
    struct node *node = parse_assignment(script);
    if (script->failed)
        return;
    bool is_constant = check_constant(script, node, &width);
    bool is_end = is_constant && !width && !name.text.n;
    if (!is_constant || (width <= 0 && !is_end))
        script_fail(script, D_DECL_BFCONST, node->span,
                    "the width of a bit-field is a positive constant");
    else if (type->kind != TYPE_INTEGER)
        fail_member(script, D_DECL_BFTYPE, name, span,
                    "a bit-field has an integer type");
    else if (width > type->bits)
        script_fail(script, D_DECL_BFSIZE, node->span,
                    "the bit-field is wider than its type, '%.*s'",
                    STR_ARGS(type->name));
    else
        place_bit_field(script, building, type, name, (uint8_t)width);
}

// member := [ declarator ] [ bit-field ]
static void parse_member(struct script *script, struct building *building,
                         const struct type *base, struct span span) {
    struct token name = {.kind = TOKEN_END};
    const struct type *type = parse_declarator(script, base, &name);
    bool is_field = script_accept(script, TOKEN_COLON);
    bool is_anonymous =
        !name.text.n && (type->kind == TYPE_STRUCT || type->kind == TYPE_UNION);
    if (script->failed)
        return;
    if (!name.text.n && !is_field && !is_anonymous)
        script_fail(script, D_DECL_MNAME, span, "a member needs a name");
    else if (!check_new_member(script, building, type, name, span))
        return;
    else if (is_field)
        parse_bit_field(script, building, type, name, span);
    else
        place_member(script, building, type, name);
}

// members := '{' specifiers member { ',' member } ';' ... '}'
static void parse_members(struct script *script, struct tagged *tagged,
                          bool is_union) {
    struct building building = {.tagged = tagged, .is_union = is_union};
    tagged->align = 1;
    do {
        struct span span = script_peek(script)->span;
        if (!parse_starts_type(script)) {
            script_fail(script, D_SYNTAX, span, "expected a member's type");
            break;
        }
        struct specifiers specifiers = parse_specifiers(script);
        if (specifiers.storage != TOKEN_END)
            script_fail(script, D_SYNTAX, span,
                        "a member has no storage class");
        do
            parse_member(script, &building, specifiers.type, span);
        while (script_accept(script, TOKEN_COMMA));
        script_expect(script, TOKEN_SEMICOLON, "behind the member");
    } while (!script->failed && !script_accept(script, TOKEN_RBRACE));
    tagged->size = align_up((tagged->size + 7) / 8, tagged->align);
    tagged->is_complete = true;
}

// --- enumerators ---

static void add_enumerator(struct script *script, const struct type *type,
                           struct token name, int64_t value, size_t *room) {
    struct member found;
    struct tagged *tagged = type->tagged;
    if (type_member(type, name.text, &found)) {
        script_fail(script, D_UNKNOWN, name.span,
                    "'%.*s' is an enumerator of this type already",
                    STR_ARGS(name.text));
        return;
    }
    bool is_known = variable_find(script, IR_GLOBAL_VARIABLE, name.text) ||
                    builtin_find(name.text);
    // A header of C may have what D's own library defines.
    if (is_known && script_is_included(script))
        return;
    if (is_known) {
        script_fail(script, D_DECL_IDRED, name.span,
                    "identifier redeclared: %.*s", STR_ARGS(name.text));
        return;
    }
    *ARENA_PUSH(script->arena, tagged->members, tagged->member_count, *room) =
        (struct member){.name = name.text, .value = value};
    struct identifier *symbol =
        variable_new(script, IR_GLOBAL_VARIABLE, name.text, name.span);
    struct node *node = ARENA_NEW(script->arena, struct node);
    *node = (struct node){.kind = NODE_INTEGER,
                          .is_constant = true,
                          .height = 1,
                          .size = 1,
                          .span = name.span,
                          .value = (uint64_t)value,
                          .named = type,
                          .type = type};
    symbol->type = type;
    symbol->value = node;
    symbol->is_declared = true;
    symbol->expanded = 1;
}

// enumerator := name [ '=' assignment ]
static void parse_enumerator(struct script *script, const struct type *type,
                             int64_t *next, size_t *room) {
    struct token name = *script_peek(script);
    if (name.kind != TOKEN_NAME) {
        script_fail(script, D_SYNTAX, name.span,
                    "expected the name of an enumerator");
        return;
    }
    script_take(script);
    if (script_accept(script, TOKEN_ASSIGN)) {
        struct node *node = parse_assignment(script);
        if (script->failed)
            return;
        if (!check_constant(script, node, next)) {
            script_fail(script, D_DECL_ENCONST, node->span,
                        "enumerator '%.*s' must be assigned to an integral "
                        "constant expression",
                        STR_ARGS(name.text));
            return;
        }
    }
    if (*next > INT_MAX || *next < INT_MIN)
        script_fail(script, D_DECL_ENOFLOW, name.span,
                    "enumerator '%.*s' value overflows INT_MAX (2147483647)",
                    STR_ARGS(name.text));
    else
        add_enumerator(script, type, name, (*next)++, room);
}

// enumerators := '{' enumerator { ',' enumerator } [ ',' ] '}'
static void parse_enumerators(struct script *script, const struct type *type) {
    int64_t next = 0;
    size_t room = 0;
    type->tagged->is_complete = true; // its own enumerators are ints
    do {
        if (type->tagged->member_count &&
            script_peek(script)->kind == TOKEN_RBRACE)
            break;
        parse_enumerator(script, type, &next, &room);
    } while (!script->failed && script_accept(script, TOKEN_COMMA));
    script_expect(script, TOKEN_RBRACE, "behind the enumerators");
}

// --- tags ---

static struct type *new_tagged(struct script *script, enum token_kind word,
                               struct str tag) {
    struct type *type = ARENA_NEW(script->arena, struct type);
    type->kind = word == KEYWORD_STRUCT  ? TYPE_STRUCT
                 : word == KEYWORD_UNION ? TYPE_UNION
                                         : TYPE_ENUM;
    type->tagged = ARENA_NEW(script->arena, struct tagged);
    type->tagged->tag = tag;
    type->name = str_format(script->arena, "%s%s%.*s", token_spelling(word),
                            tag.n ? " " : "", STR_ARGS(tag));
    if (type->kind == TYPE_ENUM) {
        const struct type *like = type_basic(script, BASIC_INT);
        type->bits = like->bits;
        type->is_signed = true;
        type->rank = like->rank;
        type->tagged->size = type->tagged->align = like->bits / 8u;
    }
    return type;
}

// The program's own is found unless the script defines one.
static struct type *find_tag(struct script *script, enum token_kind word,
                             struct str whole, bool is_defined) {
    struct str scope, tag = script_unscoped(whole, &scope);
    bool is_scoped = tag.n != whole.n;
    if (is_scoped)
        is_defined = !userland_is_scope(script, scope);
    if (is_defined && is_scoped && !script_is_scope(scope))
        tag = whole; // of a module that is not there
    struct str key = str_format(script->arena, "%s %.*s", token_spelling(word),
                                STR_ARGS(tag));
    struct type *type = map_get(&script->tags, key);
    if (type && (is_defined || !is_scoped))
        return type;
    if (!is_defined)
        type = (struct type *)userland_find(script, word, tag);
    if (!type)
        type = new_tagged(script, word, tag);
    if (is_defined || !is_scoped)
        map_put(&script->tags, key, type);
    return type;
}

// tagged := ( 'struct' | 'union' | 'enum' ) [ name ] [ members | enumerators ]
const struct type *parse_tagged(struct script *script, enum token_kind word,
                                struct span span) {
    struct token name = {.span = span};
    if (script_peek(script)->kind == TOKEN_NAME)
        name = script_take(script);
    bool is_defined = script_peek(script)->kind == TOKEN_LBRACE;
    struct type *type = name.text.n
                            ? find_tag(script, word, name.text, is_defined)
                            : new_tagged(script, word, name.text);
    if (!script_accept(script, TOKEN_LBRACE)) {
        if (!name.text.n)
            script_fail(script, D_SYNTAX, script_peek(script)->span,
                        "expected a name or '{' behind '%s'",
                        token_spelling(word));
        return type;
    }
    // The program has one of the name, or D's own library, but that of the
    // script or of a header counts.
    bool is_replaced = type->tagged->script || script_is_included(script);
    if (is_replaced && type->kind != TYPE_ENUM)
        *type->tagged = (struct tagged){.tag = name.text};
    if (type->tagged->is_complete || type->tagged->member_count)
        script_fail(script, D_DECL_TYPERED, name.span,
                    "'%.*s' is defined already", STR_ARGS(type->name));
    script_enter(script, span, NESTING_MOST);
    if (script->failed)
        return type;
    if (type->kind == TYPE_ENUM)
        parse_enumerators(script, type);
    else
        parse_members(script, type->tagged, type->kind == TYPE_UNION);
    script->nesting--;
    return type;
}
