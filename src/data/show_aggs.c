// show_aggs.c: aggregations printed without a format, a row a key.
//
//       read                                                             9
//
// and of an aggregation alone, if options say so:
//
//     agghist, of a number:  a heading, and a bar in each row
//                   key  ------------- Distribution ------------- count
//                  read |@@@@@@@@@@@@                             9
//     aggpack, of quantize() and lquantize(): see hist_pack.c
//     aggpercpu: behind the value its part of each CPU, "    [CPU 0]"
//
// Keys are narrower where there are headings over them.

#include <unistd.h>

#include "data/show.h"
#include "mctrace/aggs.h"

enum style { STYLE_VALUES, STYLE_BARS, STYLE_PACKED };

struct rows {
    struct show *show;
    enum style style;
    struct bars bars;
    struct pack pack;
    uint64_t *none; // cells of a CPU that added nothing
};

static enum style style_of(const struct show *show,
                           struct agg_table *const *tables, uint32_t count) {
    const int64_t *values = show->options->values;
    if (count > 1 || tables[0]->count == 0)
        return STYLE_VALUES;
    switch (tables[0]->aggregation->function->id) {
    case MCT_AGG_count:
    case MCT_AGG_sum:
    case MCT_AGG_avg:
    case MCT_AGG_stddev:
        return values[IR_OPTION_agghist] ? STYLE_BARS : STYLE_VALUES;
    case MCT_AGG_quantize:
    case MCT_AGG_lquantize:
        return values[IR_OPTION_aggpack] ? STYLE_PACKED : STYLE_VALUES;
    default: return STYLE_VALUES;
    }
}

// --- headings ---

static unsigned key_width(const struct mapping_key *key) {
    if (key->form.kind == IR_KEY_INT && key->type.bits < 64)
        return key->type.bits == 8 ? 4 : key->type.bits == 16 ? 6 : 9;
    return 17;
}

static void put_heading(struct rows *rows, const struct agg_table *table) {
    const struct mapping_aggregation *aggregation = table->aggregation;
    unsigned width = 0;
    for (uint32_t i = 0; i < aggregation->key_count; i++)
        width += key_width(&aggregation->keys[i]);
    if (rows->style == STYLE_PACKED) {
        rows->pack = pack_of(rows->show, table);
        pack_put_heading(rows->show, &rows->pack, width);
        return;
    }
    rows->bars = bars_of(rows->show->options);
    for (size_t i = 0; i < table->count; i++)
        bars_measure(&rows->bars,
                     agg_value(aggregation, &table->items[i], 1, false));
    if (rows->bars.zooms) // DTrace measures numbers in whole ones
        rows->bars.total = (long double)(int64_t)rows->bars.total;
    show_format(rows->show, "\n%*s %41s %-9s\n", width ? (int)width : 16,
                width ? "key" : "value",
                "------------- Distribution -------------", "count");
}

// --- rows ---

static void put_key(struct rows *rows, const struct value *key) {
    if (rows->style == STYLE_VALUES || key->kind != VALUE_TEXT) {
        show_key(rows->show, key);
        return;
    }
    show_text(rows->show, STR(" "));
    show_padded(rows->show, key->text, 16);
}

static void put_value(struct show *show, const struct agg_table *table,
                      const struct agg_element *element) {
    if (agg_is_distribution(table->aggregation)) {
        hist_put(show->out, table->aggregation, element, table->normal,
                 show->options);
        return;
    }
    show_text(show, STR(" "));
    show_signed(
        show, agg_value(table->aggregation, element, table->normal, false), 16);
}

// CPUs without a part of it have rows as well.
static void put_cpus(const struct rows *rows, const struct agg_table *table,
                     const struct agg_element *element) {
    long count = sysconf(_SC_NPROCESSORS_CONF);
    for (uint32_t i = 0; i < element->cpu_count || i < count; i++) {
        struct agg_element part = {.cells = rows->none};
        if (i < element->cpu_count)
            part.cells =
                element->cpus + (size_t)i * table->aggregation->cell_count;
        show_format(rows->show, "\n    [CPU %u]", i);
        put_value(rows->show, table, &part);
    }
}

static void put_row(struct rows *rows, struct agg_table *const *tables,
                    uint32_t count, const struct agg_row *row) {
    for (uint32_t i = 0; i < tables[0]->aggregation->key_count; i++)
        put_key(rows, &row->keys[i]);
    if (rows->style == STYLE_PACKED) {
        pack_put(rows->show, &rows->pack, row->elements[0]);
        return;
    }
    if (rows->style == STYLE_BARS) {
        show_text(rows->show, STR(" "));
        bars_put(rows->show->out, &rows->bars,
                 agg_value(tables[0]->aggregation, row->elements[0], 1, false),
                 tables[0]->normal);
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        put_value(rows->show, tables[i], row->elements[i]);
        if (row->elements[i] && tables[i]->aggregation->has_cpu)
            put_cpus(rows, tables[i], row->elements[i]);
    }
    show_text(rows->show, STR("\n"));
}

void show_aggs(struct show *show, struct agg_table *const *tables,
               uint32_t count) {
    struct agg_order order = agg_order_of(show->options);
    struct rows rows = {.show = show, .style = style_of(show, tables, count)};
    struct arena *arena = arena_new();
    uint32_t cells = 0;
    for (uint32_t i = 0; i < count; i++)
        if (tables[i]->aggregation->cell_count > cells)
            cells = tables[i]->aggregation->cell_count;
    rows.none = ARENA_ARRAY(arena, uint64_t, cells);
    size_t row_count;
    for (uint32_t i = 0; i < count; i++)
        agg_table_name(tables[i], &show->symbols, show->pid);
    struct agg_row *found = agg_rows(arena, tables, count, &order, &row_count);
    if (rows.style != STYLE_VALUES)
        put_heading(&rows, tables[0]);
    for (size_t i = 0; i < row_count; i++)
        put_row(&rows, tables, count, &found[i]);
    arena_free(arena);
}
