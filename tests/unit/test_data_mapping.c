// test_data_mapping.c: what a mapping says of records: types, segments, probes.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "data/data.h"

static const char whole[] =
    "{\"mctrace\": 1, \"identity\": \"000102030405060708090a0b0c0d0e0f\",\n"
    "\"machine\": \"x86_64\", \"program\": \"p\", \"byte_order\": \"little\",\n"
    "\"word_bits\": 64, \"region_len\": 8192, \"strsize\": 256,\n"
    "\"variables\": [{\"name\": \"v\", \"type\": \"block\", \"off\": 320,\n"
    "\"size\": 8, \"data_type\": 2}], \"aggregations\": [\n"
    "{\"name\": \"@\", \"function\": \"count\", \"params\": [], \"keys\": [\n"
    "[\"ustack\", 20], [\"string\", 33], \"int8\"], \"cells\": 1,\n"
    "\"elements\": [], \"table\": {\"off\": 512, \"log2_entries\": 3}}],\n"
    "\"texts\": [],\n"
    "\"types\": [\n"
    "{\"kind\": \"integer\", \"name\": \"char\", \"size\": 1, \"signed\": "
    "true,\n"
    "\"char\": true},\n"
    "{\"kind\": \"array\", \"name\": \"char [4]\", \"size\": 4, \"of\": 0,\n"
    "\"count\": 4},\n"
    "{\"kind\": \"struct\", \"name\": \"struct s\", \"size\": 8, \"members\":\n"
    "[[\"a\", 1, 0, 0], [\"b\", 0, 32, 3]]},\n"
    "{\"kind\": \"enum\", \"name\": \"enum e\", \"size\": 4, \"members\":\n"
    "[[\"A\", -1]]},\n"
    "{\"kind\": \"pointer\", \"name\": \"struct s *\", \"size\": 8, \"of\": "
    "2}],\n"
    "\"options\": {\"quiet\": 1}, \"clauses\": [\"dt_clause_0\"],\n"
    "\"segments\": [{\"clause\": 0, \"fixed_len\": 40, \"actions\": [\n"
    "{\"action\": \"printf\", \"format\": \"%d %s\\n\",\n"
    "\"fields\": [[\"int32\", 16, 3], [\"text\", 256]]},\n"
    "{\"action\": \"print\", \"fields\": [[\"uint64\", 24, 4],\n"
    "[\"block\", 32, 8, 2]]},\n"
    "{\"action\": \"ustack\", \"constants\": [20, 0],\n"
    "\"fields\": [[\"stack\", 20]]},\n"
    "{\"action\": \"printa\", \"format\": \"%@d\", \"aggregations\": [0]}]}],\n"
    "\"names\": [\"pid\", \"a.out\", {\"hex\": \"ff\"}, \"entry\"],\n"
    "\"probes\": [4, 0, 1, 2, 3], \"enablings\": [0, 0]}";

struct fixture {
    struct arena *arena;
    struct diag diag;
    char *messages;
    size_t messages_len;
};

static int setup(void **state) {
    struct fixture *f = calloc(1, sizeof *f);
    f->arena = arena_new();
    diag_init(&f->diag, open_memstream(&f->messages, &f->messages_len),
              "mctrace");
    *state = f;
    return 0;
}

static int teardown(void **state) {
    struct fixture *f = *state;
    fclose(f->diag.out);
    free(f->messages);
    arena_free(f->arena);
    free(f);
    return 0;
}

static struct mapping *parse(struct fixture *f, struct str text) {
    return mapping_from_json(f->arena, text, "m.json", &f->diag);
}

static void records_come_back(void **state) {
    struct fixture *f = *state;
    struct mapping *mapping = parse(f, str_from(whole));
    assert_non_null(mapping);
    struct str first = mapping_to_json(f->arena, mapping);
    struct mapping *again = parse(f, first);
    assert_non_null(again);
    assert_true(str_equal(first, mapping_to_json(f->arena, again)));
    const struct mapping_action *actions = again->segments[0].actions;
    assert_int_equal(again->segments[0].action_count, 4);
    assert_int_equal(actions[0].kind, IR_ACTION_PRINTF);
    assert_true(str_equal(actions[0].format, STR("%d %s\n")));
    assert_int_equal(actions[0].fields[0].data_type->members[0].value, -1);
    assert_int_equal(actions[1].fields[1].size, 8);
    assert_int_equal(actions[1].fields[1].data_type->members[1].bits, 3);
    assert_int_equal(actions[2].fields[0].kind, IR_FIELD_STACK);
    assert_int_equal(actions[3].aggregations[0], 0);
    assert_int_equal(again->aggregations[0].key_words, 20 + 33 + 1);
    assert_int_equal(again->aggregations[0].keys[1].form.kind, IR_KEY_STRING);
    assert_int_equal(again->probes[0].id, 4);
    assert_memory_equal(again->probes[0].function.p, "\xff", 1);
    assert_int_equal(again->enabling_count, 1);
    assert_int_equal(again->options.values[IR_OPTION_quiet], 1);
    assert_true(
        str_equal(again->variables[0].data_type->name, STR("struct s")));
}

// `from` within the whole mapping becomes `to`.
static struct str changed(struct fixture *f, const char *from, const char *to) {
    const char *at = strstr(whole, from);
    assert_non_null(at);
    return str_format(f->arena, "%.*s%s%s", (int)(at - whole), whole, to,
                      at + strlen(from));
}

static void what_is_wrong_is_named(void **state) {
    static const struct {
        const char *from, *to, *message;
    } rows[] = {
        {"\"of\": 0,", "\"of\": 1,", "types[1].of: 1 is not from 0 to 0"},
        {"\"count\": 4", "\"count\": 5", "types[1].count: the elements do not"},
        {"[\"a\", 1, 0, 0]", "[\"a\", 2, 0, 0]", "types[2].members: 2 is not"},
        {"[\"b\", 0, 32, 3]", "[\"b\", 0, 64, 3]", "outside of its type"},
        {"[\"b\", 0, 32, 3]", "[\"b\", 0, 32, 9]", "a width does not go"},
        {"\"size\": 4, \"members\"", "\"size\": 3, \"members\"",
         "types[3].size: 3 does not go with enum"},
        {"\"of\": 2}", "\"of\": 9}", "types[4].of: there is no type 9"},
        {"\"data_type\": 2", "\"data_type\": -2", "there is no type -2"},
        {"[\"ustack\", 20]", "[\"printf\", 20]", "\"printf\" is not known"},
        {"[\"ustack\", 20]", "[\"usym\", 2]", "\"usym\" is not known"},
        {"[\"ustack\", 20]", "[\"int8\", 1]", "\"int8\" is not known"},
        {"[\"ustack\", 20]", "[\"string\", 0]", "one has no words"},
        {"\"clause\": 0", "\"clause\": 1", "segments[0].clause: 1 is not"},
        {"[\"int32\", 16, 3]", "[\"int32\", 37]", "outside of the record"},
        {"[\"int32\", 16, 3]", "[\"int32\", 8]", "outside of the record"},
        {"[\"stack\", 20]", "[\"text\", 20]",
         "segments[0].actions[2].fields: do not go with ustack"},
        {"\"aggregations\": [0]", "\"aggregations\": []",
         "do not go with printa"},
        {"\"aggregations\": [0]", "\"aggregations\": [1]", "there is no 1"},
        {"\"printf\"", "\"print_f\"", "\"print_f\" is not known"},
        {"[4, 0, 1, 2, 3]", "[4, 0, 1, 2]", "an id and four of the names"},
        {"[4, 0, 1, 2, 3]", "[4, 0, 1, 2, 4]", "probes: 4 is not from 0 to 3"},
        {"\"enablings\": [0, 0]", "\"enablings\": [0, 1]",
         "names what does not exist"},
        {"\"enablings\": [0, 0]", "\"enablings\": [0]",
         "a segment and a probe"},
        {"\"quiet\"", "\"loud\"", "options: \"loud\" is not known"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        void *inner;
        setup(&inner);
        struct fixture *f = inner;
        assert_null(parse(f, changed(f, rows[i].from, rows[i].to)));
        fflush(f->diag.out);
        if (f->diag.errors != 1 || f->diag.last != T_MAPPING ||
            !strstr(f->messages, rows[i].message))
            fail_msg("%s: %s", rows[i].message, f->messages);
        teardown(&inner);
    }
    (void)state;
}

// A type of many parts within parts is refused before anybody prints it.
static void explosive_types_are_refused(void **state) {
    struct fixture *f = *state;
    struct bytes types;
    bytes_init(&types, f->arena, ORDER_LITTLE);
    for (int i = 0; i < 30; i++) {
        struct str one =
            str_format(f->arena,
                       ", {\"kind\": \"union\", \"name\": \"u\", \"size\": 4,"
                       "\"members\": [[\"a\", %d, 0, 0], [\"b\", %d, 0, 0]]}",
                       i + (i ? 4 : 1), i + (i ? 4 : 1));
        bytes_add(&types, one.p, one.n);
    }
    bytes_u8(&types, 0);
    struct str text = str_format(f->arena, "\"of\": 2}%s", (char *)types.p);
    assert_null(parse(f, changed(f, "\"of\": 2}", text.p)));
    fflush(f->diag.out);
    assert_non_null(strstr(f->messages, "the type has too many parts"));
}

// 100,000 probes make a table of numbers, not of objects.
static void many_probes_are_read_quickly(void **state) {
    struct fixture *f = *state;
    struct mapping *mapping = parse(f, str_from(whole));
    size_t count = 100000;
    mapping->probe_count = mapping->enabling_count = count;
    mapping->probes = ARENA_ARRAY(f->arena, struct mapping_probe, count);
    mapping->enablings = ARENA_ARRAY(f->arena, struct mapping_enabling, count);
    for (size_t i = 0; i < count; i++) {
        mapping->probes[i] = (struct mapping_probe){
            (uint32_t)i, STR("pid"), STR("a.out"),
            str_format(f->arena, "f%zu", i), STR("entry")};
        mapping->enablings[i].probe = (uint32_t)i;
    }
    struct str text = mapping_to_json(f->arena, mapping);
    assert_true(text.n < count * 50);
    struct mapping *again = parse(f, text);
    assert_non_null(again);
    assert_int_equal(again->probe_count, count);
    assert_true(str_equal(again->probes[77777].function, STR("f77777")));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(records_come_back),
        TEST(what_is_wrong_is_named),
        TEST(explosive_types_are_refused),
        TEST(many_probes_are_read_quickly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
