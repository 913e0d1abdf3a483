// follow.c: what is recorded is shown while it happens.
//
// At every step the records that are there are found, then the aggregations
// are taken out of the region, and then the records are shown: what a record
// of printa() prints so holds all that came before it. The option switchrate
// says how often records are looked at, aggrate how often aggregations are, and
// statusrate how often drops are told; where they are not set, at every step.

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cmd/trace.h"

// What a record has in a buffer of DTrace's beside its values.
#define RECORD_FRAME 16
#define CPUS         4096 // a record's number of one has 12 bits
#define PAGE         4096u

// Between two looks at what has happened.
#define STEP_MILLISECONDS 5
// Between two steps at least, if no option says otherwise.
#define STEP_NS           50000000

struct follower {
    struct trace *trace;
    uint8_t *region;
    const struct mct_region *header;
    struct records records;
    struct consumer *consumer;
    int64_t switched, aggregated, told; // when
    // Of what is shown at once: bytes of DTrace's on each CPU, and records that
    // its buffer would not have had room for.
    uint64_t *used, *dropped;
};

static int64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

// --- a step ---

// Whether it is time, and if so notes that it was now.
static bool is_due(const struct follower *follower, enum ir_option rate,
                   int64_t otherwise, int64_t now, int64_t *last) {
    int64_t pause = consumer_options(follower->consumer)->values[rate];
    if (now - *last < (pause > 0 ? pause : otherwise))
        return false;
    *last = now;
    return true;
}

// A buffer has whole pages, a power of two of them.
static uint64_t buffer_room(const struct ir_options *options) {
    uint64_t room = PAGE;
    while (room < (uint64_t)options->values[IR_OPTION_bufsize])
        room *= 2;
    return room;
}

static uint64_t record_size(const struct follower *follower,
                            const struct record *record) {
    const struct job *job = &follower->trace->job;
    uint32_t row = record->enabling - MCT_ENABLING_FIRST;
    uint32_t segment = job->mapping->enablings[row].segment;
    return RECORD_FRAME +
           ir_record_size(job->script->segments[segment], job->script->strsize);
}

// Nothing is lost here for want of a buffer. But who asks for one of a certain
// size asks for what it has no room for between two switches to be dropped.
// What the host records comes ahead of the first switch or behind the last;
// when a switch comes between others is only known where switchrate says it.
static bool has_room(struct follower *follower, const struct record *record) {
    const struct ir_options *options = consumer_options(follower->consumer);
    bool is_switched = options->is_set[IR_OPTION_switchrate] ||
                       record->pid == follower->header->pid;
    if (!options->is_set[IR_OPTION_bufsize] || !is_switched ||
        options->values[IR_OPTION_bufpolicy] != IR_POLICY_SWITCH ||
        record->enabling < MCT_ENABLING_FIRST)
        return true;
    unsigned cpu = record->cpu % CPUS;
    uint64_t size = record_size(follower, record);
    bool fits = follower->used[cpu] + size <= buffer_room(options);
    follower->used[cpu] += fits ? size : 0;
    follower->dropped[cpu] += !fits;
    return fits;
}

static void show_records(struct follower *follower) {
    struct record record;
    while (records_next(&follower->records, &record))
        if (has_room(follower, &record))
            consumer_record(follower->consumer, &record);
    for (unsigned cpu = 0; cpu < CPUS; cpu++) {
        consumer_dropped(follower->consumer, follower->dropped[cpu], cpu);
        follower->used[cpu] = follower->dropped[cpu] = 0;
    }
}

static void tell_drops(const struct follower *follower) {
    const struct mct_region *header = follower->header;
    consumer_drops(follower->consumer, header->drops, header->lost);
}

static void look(struct follower *follower, int64_t now) {
    // Other buffers are looked at when tracing is over.
    bool switches =
        consumer_options(follower->consumer)->values[IR_OPTION_bufpolicy] ==
        IR_POLICY_SWITCH;
    if (switches)
        records_refresh(&follower->records, RECORDS_GROWING);
    if (is_due(follower, IR_OPTION_statusrate, STEP_NS, now, &follower->told))
        tell_drops(follower);
    if (is_due(follower, IR_OPTION_aggrate, 0, now, &follower->aggregated))
        consumer_drain(follower->consumer, follower->region);
    if (switches)
        show_records(follower);
    consumer_flush(follower->consumer);
}

static void step(struct follower *follower) {
    int64_t now = now_ns();
    if (is_due(follower, IR_OPTION_switchrate, STEP_NS, now,
               &follower->switched))
        look(follower, now);
}

// Nobody writes any more.
static void last_step(struct follower *follower) {
    records_refresh(&follower->records, RECORDS_COMPLETE);
    tell_drops(follower);
    consumer_drain(follower->consumer, follower->region);
    show_records(follower);
    consumer_finish(follower->consumer);
    consumer_flush(follower->consumer);
}

// --- the run ---

static bool open_region(struct follower *follower) {
    const struct job *job = &follower->trace->job;
    int fd = open(job->persistence, O_RDWR | O_CLOEXEC);
    void *region = fd < 0 ? MAP_FAILED
                          : mmap(NULL, job->layout.region_len,
                                 PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (fd >= 0)
        close(fd);
    if (region == MAP_FAILED) {
        trace_say(follower->trace, "cannot read %s: %s", job->persistence,
                  strerror(errno));
        return false;
    }
    follower->region = region;
    follower->header = region;
    return true;
}

static bool open_records(struct follower *follower, FILE *out) {
    struct trace *trace = follower->trace;
    const struct mapping *mapping = trace->job.mapping;
    struct consumer_setup setup = {
        .mapping = mapping,
        .out = out,
        .errors = stderr,
        .name = trace->program,
        .symbols = symbols_open(trace->arena, mapping),
        .format = CONSUMER_TEXT,
        .is_live = true,
    };
    consumer_look_around(&setup);
    if (!records_open(&follower->records, trace->arena, trace->job.persistence,
                      mapping, RECORDS_GROWING, trace->diag))
        return false;
    follower->used = ARENA_ARRAY(trace->arena, uint64_t, CPUS);
    follower->dropped = ARENA_ARRAY(trace->arena, uint64_t, CPUS);
    follower->consumer = consumer_new(trace->arena, &setup);
    return true;
}

static bool is_running(const struct follower *follower) {
    const struct watch *watch = &follower->trace->watch;
    return __atomic_load_n(&follower->header->state, __ATOMIC_RELAXED) <
               MCT_STATE_ENDING &&
           __atomic_load_n(&follower->header->wanted_end, __ATOMIC_RELAXED) ==
               0 &&
           !watch_is_over(watch) && !watch->was_interrupted;
}

static bool let_go(struct trace *trace) {
    for (size_t i = 0; i < trace->watch.command_count; i++) {
        const struct target *target = &trace->targets[i];
        const struct job *job = trace->jobs[i];
        const char *path =
            job->units[0].is_touched ? job->output : target->file;
        if (watch_go(&trace->watch, &trace->watch.commands[i], path))
            continue;
        trace_say(trace, "failed to execute %s: %s", trace->commands[i],
                  strerror(errno));
        return false;
    }
    return true;
}

bool trace_follow(struct trace *trace, FILE *out) {
    struct follower follower = {.trace = trace};
    if (!open_region(&follower))
        return false;
    bool ok = open_records(&follower, out);
    follower.switched = now_ns();
    if (ok && is_running(&follower))
        ok = let_go(trace);
    while (ok && is_running(&follower)) {
        watch_wait(&trace->watch, STEP_MILLISECONDS);
        step(&follower);
    }
    // What came ahead of END is shown as in any other step: aggregations are
    // no newer than aggrate has them.
    if (ok)
        look(&follower, now_ns());
    watch_stop(&trace->watch);
    if (ok) {
        last_step(&follower);
        trace->exit_status = follower.header->exit_status;
    }
    if (follower.consumer) {
        consumer_free(follower.consumer);
        records_close(&follower.records);
    }
    munmap(follower.region, trace->job.layout.region_len);
    return ok;
}
