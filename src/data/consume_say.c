// consume_say.c: faults, errors and drops in dtrace's words, on its standard
// error; as objects among the others if those are asked for.

#include <string.h>

#include "data/consume.h"
#include "data/load.h"

static const char *fault_text(uint64_t code) {
    switch (code) {
    case MCT_FAULT_BADADDR: return "invalid address";
    case MCT_FAULT_BADALIGN: return "invalid alignment";
    case MCT_FAULT_ILLOP: return "illegal operation";
    case MCT_FAULT_DIVZERO: return "divide-by-zero";
    case MCT_FAULT_NOSCRATCH: return "out of scratch space";
    case MCT_FAULT_KPRIV: return "invalid kernel access";
    case MCT_FAULT_UPRIV: return "invalid user access";
    case MCT_FAULT_TUPOFLOW: return "tuple stack overflow";
    case MCT_FAULT_BADSTACK: return "bad stack";
    case MCT_FAULT_BADSIZE: return "invalid size";
    case MCT_FAULT_BADINDEX: return "index out of bounds";
    case MCT_FAULT_LIBRARY: return "library-level fault";
    default: return "unknown fault";
    }
}

// What belongs to the fault, in brackets.
static void fault_details(uint64_t code, uint64_t value, char *out,
                          size_t room) {
    out[0] = '\0';
    if (code == MCT_FAULT_BADADDR || code == MCT_FAULT_BADALIGN ||
        code == MCT_FAULT_BADSTACK || code == MCT_FAULT_BADSIZE)
        snprintf(out, room, " (0x%llx)", (unsigned long long)value);
    else if (code == MCT_FAULT_BADINDEX)
        snprintf(out, room, " (%lld)", (long long)value);
}

static void say_where(struct consumer *consumer, uint32_t clause,
                      const struct mapping_probe *probe) {
    const struct mapping *mapping = consumer->mapping;
    fprintf(consumer->setup.errors,
            "%s: error in %.*s for probe ID %u (%.*s:%.*s:%.*s:%.*s): ",
            consumer->setup.name, STR_ARGS(mapping->clauses[clause]), probe->id,
            STR_ARGS(probe->provider), STR_ARGS(probe->module),
            STR_ARGS(probe->function), STR_ARGS(probe->name));
}

struct fault_info fault_of(const struct consumer *consumer,
                           const struct record *record) {
    const uint8_t *p = record->bytes.p + sizeof(struct mct_record);
    enum byte_order order = consumer->mapping->order;
    struct fault_info fault = {
        .clause = (uint32_t)load_quickly(p, 4, order),
        .place = load_quickly(p + 8, 8, order),
        .code = load_quickly(p + 16, 8, order),
        .value = load_quickly(p + 24, 8, order),
    };
    fault.text = fault_text(fault.code);
    uint64_t id = load_quickly(p + 4, 4, order);
    if (fault.clause < consumer->mapping->clause_count)
        fault.probe = map_get_number(&consumer->probes, id);
    return fault;
}

void say_fault(struct consumer *consumer, const struct record *record) {
    struct fault_info fault = fault_of(consumer, record);
    if (!fault.probe) {
        consumer->damaged++;
        return;
    }
    if (consumer->setup.format == CONSUMER_JSON)
        return;
    char details[40];
    fault_details(fault.code, fault.value, details, sizeof details);
    if (consumer->setup.format == CONSUMER_JSONL)
        json_fault(consumer, record);
    consumer_flush(consumer);
    say_where(consumer, fault.clause, fault.probe);
    fprintf(consumer->setup.errors, "%s%s at BPF pc %llu\n", fault.text,
            details, (unsigned long long)fault.place);
}

void say_error(struct row *row, const char *format, ...) {
    struct consumer *consumer = row->consumer;
    va_list args;
    consumer_flush(consumer);
    say_where(consumer, row->segment->clause, row->probe);
    va_start(args, format);
    vfprintf(consumer->setup.errors, format, args);
    va_end(args);
    fputc('\n', consumer->setup.errors);
}

static const struct {
    const char *tag, *what, *more;
} drops[MCT_DROP_COUNT] = {
    [MCT_DROP_RECORD] = {"PRINCIPAL", "drop", ""},
    [MCT_DROP_AGGREGATION] = {"AGGREGATION", "aggregation drop", ""},
    [MCT_DROP_DYNAMIC] = {"DYNAMIC", "dynamic variable drop", ""},
    [MCT_DROP_SPECULATIVE] = {"SPEC", "speculative drop", ""},
    [MCT_DROP_SPECULATION] = {"SPECUNAVAIL", "failed speculation",
                              " (no speculative buffer available)"},
    [MCT_DROP_ERROR] = {"DBLERROR", "error", " in ERROR probe enabling"},
    [MCT_DROP_NESTED] = {"PRINCIPAL", "drop", " of probes nested too deeply"},
};

static void tell_drops(struct consumer *consumer, enum mct_drop kind,
                       uint64_t count, unsigned cpu) {
    if (count == 0 || !drops[kind].tag ||
        consumer->setup.format == CONSUMER_JSON)
        return;
    FILE *out = consumer->setup.errors;
    consumer_flush(consumer);
    if (consumer->setup.format == CONSUMER_JSONL)
        json_lost(consumer, drops[kind].what, count);
    fprintf(out, "%s: ", consumer->setup.name);
    if (consumer->options.values[IR_OPTION_droptags])
        fprintf(out, "[DTRACEDROP_%s] ", drops[kind].tag);
    fprintf(out, "%llu %s%s%s", (unsigned long long)count, drops[kind].what,
            count > 1 ? "s" : "", drops[kind].more);
    if (kind == MCT_DROP_RECORD || kind == MCT_DROP_AGGREGATION)
        fprintf(out, " on CPU %u", cpu);
    fputc('\n', out);
}

void say_drops(struct consumer *consumer, enum mct_drop kind, uint64_t count,
               unsigned cpu) {
    consumer->drops[kind] += count;
    tell_drops(consumer, kind, count, cpu);
}

void consumer_dropped(struct consumer *consumer, uint64_t count, unsigned cpu) {
    tell_drops(consumer, MCT_DROP_RECORD, count, cpu);
}
