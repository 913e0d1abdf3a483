// consume_act.c: actions that change what the consumer has gathered, or the
// world.
//
// clear(), trunc() and normalize() change the tables, commit() and discard()
// the speculations, setopt() the options, all where their record stands.
// system(), freopen() and ftruncate() concern the run that is over when a file
// is read: then it is said, once for each, that they are not performed.

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "data/consume.h"

void row_format(struct row *row, struct bytes *out) {
    struct consumer *consumer = row->consumer;
    size_t segment = (size_t)(row->segment - consumer->mapping->segments);
    struct show show = consumer->show;
    show.out = out;
    if (out != consumer->show.out)
        show.spill = NULL;
    show_printf(&show, &consumer->formats[segment][row->action_index],
                row->values, row->action->field_count, NULL);
    consumer->show.scratch = show.scratch;
}

// --- aggregations ---

static struct agg_table *table_of(const struct row *row) {
    return &row->consumer->tables[row->action->aggregations[0]];
}

static void normalize(struct row *row) {
    uint64_t normal = row->values[0].number;
    table_of(row)->normal = normal == 0          ? 1
                            : normal > INT64_MAX ? INT64_MAX
                                                 : normal;
}

static void trunc_(struct row *row) {
    bool has_count = row->action->field_count > 0;
    const struct show *show = &row->consumer->show;
    agg_table_name(table_of(row), &show->symbols, show->pid);
    agg_table_trunc(table_of(row),
                    has_count ? (int64_t)row->values[0].number : 0);
}

// --- speculations ---

static void end_speculation(struct row *row, bool commits) {
    struct consumer *consumer = row->consumer;
    uint32_t id = (uint32_t)row->values[0].number;
    for (size_t i = 0; i < consumer->speculation_count; i++) {
        if (consumer->speculations[i].id != id)
            continue;
        struct bytes *records = &consumer->speculations[i].records;
        struct record record;
        size_t len = records->n;
        records->n = 0;
        for (size_t at = 0; commits && at < len;) {
            memcpy(&record, records->p + at, sizeof record);
            record.bytes.p = records->p + at + sizeof record;
            consumer_record_row(consumer, &record);
            at += sizeof record + record.bytes.n;
        }
    }
}

// --- the world ---

// Whether the action is performed; if not, that is said once.
static bool is_performed(struct row *row) {
    struct consumer *consumer = row->consumer;
    enum ir_action_kind kind = row->action->kind;
    if (consumer->setup.is_live)
        return true;
    if (!consumer->is_refused[kind])
        fprintf(consumer->setup.errors,
                "%s: %s() is not performed when a recording is read\n",
                consumer->setup.name, action_name(kind));
    consumer->is_refused[kind] = true;
    return false;
}

static const char *formatted(struct row *row, struct bytes *out) {
    bytes_init(out, row->consumer->arena, ORDER_LITTLE);
    row_format(row, out);
    bytes_u8(out, 0);
    return (const char *)out->p;
}

static void do_system(struct row *row) {
    if (!is_performed(row))
        return;
    struct bytes command;
    const char *text = formatted(row, &command);
    consumer_flush(row->consumer);
    if (system(text) == -1) // NOLINT(cert-env33-c)
        say_error(row, "couldn't run \"%s\": %s", text, strerror(errno));
}

static void do_freopen(struct row *row) {
    if (!is_performed(row))
        return;
    struct consumer *consumer = row->consumer;
    struct bytes path;
    const char *name = formatted(row, &path);
    consumer_flush(consumer);
    FILE *out = NULL;
    if (row->action->format.n > 0) {
        out = fopen(name, "ae");
        if (!out) {
            say_error(row, "couldn't freopen() \"%s\": %s", name,
                      strerror(errno));
            return;
        }
    }
    if (consumer->original) {
        fclose(consumer->out);
        consumer->out = consumer->original;
        consumer->original = NULL;
    }
    if (out) {
        consumer->original = consumer->out;
        consumer->out = out;
    }
}

// A terminal or a pipe has nothing to cut.
static void do_ftruncate(struct row *row) {
    struct consumer *consumer = row->consumer;
    struct stat st;
    consumer_flush(consumer);
    int fd = fileno(consumer->out);
    if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
        return;
    if (ftruncate(fd, 0) == 0)
        fseeko(consumer->out, 0, SEEK_SET);
}

static void do_setopt(struct row *row) {
    struct consumer *consumer = row->consumer;
    bool is_given = row->action->field_count > 1;
    struct str name = row->values[0].text;
    struct str value = is_given ? row->values[1].text : STR("1");
    const char *problem = options_set(&consumer->options, consumer->arena, name,
                                      value, is_given, OPTION_TRACING);
    if (problem)
        say_error(row, "couldn't set option \"%.*s\" to \"%.*s\": %s\n",
                  STR_ARGS(name), STR_ARGS(value), problem);
}

static void do_exit(struct row *row) {
    row->consumer->has_exited = true;
    row->consumer->exit_status = (int32_t)row->values[0].number;
}

bool row_act(struct row *row) {
    switch ((enum ir_action_kind)row->action->kind) {
    case IR_ACTION_CLEAR: agg_table_clear(table_of(row)); return true;
    case IR_ACTION_TRUNC: trunc_(row); return true;
    case IR_ACTION_NORMALIZE: normalize(row); return true;
    case IR_ACTION_DENORMALIZE: table_of(row)->normal = 1; return true;
    case IR_ACTION_SPECULATE: return true; // it was kept until now
    case IR_ACTION_COMMIT: end_speculation(row, true); return true;
    case IR_ACTION_DISCARD: end_speculation(row, false); return true;
    case IR_ACTION_SYSTEM: do_system(row); return true;
    case IR_ACTION_FREOPEN: do_freopen(row); return true;
    case IR_ACTION_FTRUNCATE: do_ftruncate(row); return true;
    case IR_ACTION_SETOPT: do_setopt(row); return true;
    case IR_ACTION_EXIT: do_exit(row); return true;
    default: return false;
    }
}
