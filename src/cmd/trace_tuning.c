// trace_tuning.c: options of dtrace(1) that concern the process that traces,
// not what is traced: its environment, its memory, the room for what is
// recorded, and what it leaves behind when it ends.

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "cmd/trace.h"

void trace_set_environment(const struct trace *trace) {
    for (const struct ir_option_text *text = trace->options.texts; text;
         text = text->next) {
        const char *word = str_terminated(trace->arena, text->value);
        size_t equals = strcspn(word, "=");
        const char *name =
            str_terminated(trace->arena, str_slice(text->value, 0, equals));
        if (text->option == IR_OPTION_setenv)
            setenv(name, word[equals] ? word + equals + 1 : "", 1);
        else if (text->option == IR_OPTION_unsetenv)
            unsetenv(word);
    }
}

void trace_preallocate(const struct trace *trace, int64_t size) {
    if (size > 0)
        trace_debug(trace, "%zu bytes are there in advance",
                    memory_take_ahead((size_t)size));
}

void trace_tell_inert(const struct trace *trace) {
    const struct ir_options *options = &trace->job.script->options;
    for (unsigned i = 0; i < IR_OPTION_COUNT; i++)
        if (options->is_set[i] && option_inert(i))
            trace_say(trace, "option %s has nothing to govern: %s",
                      option_name(i), option_inert(i));
}

// --- buffers ---

// Bytes that files in the folder may still take.
static uint64_t room_in(const char *folder) {
    struct statvfs system;
    struct rlimit limit;
    uint64_t room = UINT64_MAX;
    if (statvfs(folder, &system) == 0)
        room = (uint64_t)system.f_bavail * system.f_frsize;
    if (getrlimit(RLIMIT_FSIZE, &limit) == 0 &&
        limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur < room)
        room = limit.rlim_cur;
    return room;
}

// "buffer size lowered to 2m"
static void tell_lowered(const struct trace *trace, const char *what,
                         int64_t size) {
    static const char units[] = "\0kmgt";
    unsigned unit = 0;
    for (; size % 1024 == 0 && size > 0 && unit < 4; unit++)
        size /= 1024;
    const struct ir_options *options = &trace->job.script->options;
    if (!trace_is_quiet(trace) && !options->values[IR_OPTION_quietresize])
        trace_say(trace, "%s lowered to %lld%.1s", what, (long long)size,
                  units + unit);
}

// Whether variables take their room while the script runs.
static bool has_elements(const struct ir_script *script) {
    for (size_t i = 0; i < script->variable_count; i++)
        if (script->variables[i]->key_count > 0 ||
            script->variables[i]->storage == IR_SELF_VARIABLE)
            return true;
    return false;
}

const char *trace_fit_buffers(struct trace *trace) {
    static const struct {
        enum ir_option option;
        const char *what;
    } rows[] = {{IR_OPTION_bufsize, "buffer size"},
                {IR_OPTION_aggsize, "aggregation size"},
                {IR_OPTION_dynvarsize, "dynamic variable size"}};
    struct ir_script *script = trace->job.script;
    int64_t *values = script->options.values;
    const bool is_used[] = {true, script->aggregation_count > 0,
                            has_elements(script)};
    uint64_t room = room_in(trace->watch.folder);
    bool is_fixed = values[IR_OPTION_bufresize] == IR_RESIZE_MANUAL;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int64_t wanted = values[rows[i].option];
        if (!is_used[i])
            continue;
        while ((uint64_t)wanted > room && wanted > 0)
            wanted /= 2;
        room -= (uint64_t)wanted;
        if (wanted == values[rows[i].option])
            continue;
        if (is_fixed)
            return strerror(ENOMEM);
        values[rows[i].option] = wanted;
        tell_lowered(trace, rows[i].what, wanted);
    }
    script->aggsize = (uint64_t)values[IR_OPTION_aggsize];
    return NULL;
}

// --- the end ---

void trace_dump_core(const struct trace *trace) {
    struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};
    if (setrlimit(RLIMIT_CORE, &all) != 0 &&
        getrlimit(RLIMIT_CORE, &all) == 0) {
        all.rlim_cur = all.rlim_max;
        setrlimit(RLIMIT_CORE, &all);
    }
    trace_say(trace, "the option core ends this process with a core");
    fflush(stdout);
    signal(SIGABRT, SIG_DFL);
    raise(SIGABRT);
}
