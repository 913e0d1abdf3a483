// trace.c: mctrace trace: dtrace(1) for a program that is started here.
//
// The order of a run is dtrace's: compile everything, say how many probes each
// text matched, enable, start the commands, print what they record, and in the
// end a newline and the aggregations. trace.h says where the rest is.

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "cmd/trace.h"

static enum exit_status fail(const struct trace *trace, const char *what,
                             const char *name) {
    trace_say(trace, "%s %s: %s", what, name, strerror(errno));
    return EXIT_REFUSED;
}

bool trace_is_quiet(const struct trace *trace) {
    const struct ir_options *options =
        trace->job.script ? &trace->job.script->options : &trace->options;
    return options->values[IR_OPTION_quiet] != 0;
}

// --- what is given ---

static enum exit_status read_texts(struct trace *trace) {
    for (size_t i = 0; i < trace->text_count; i++) {
        struct source *source = trace->texts[i].source;
        struct file file;
        struct diag quiet = {.quiet = true};
        if (!trace->are_files[i])
            continue;
        errno = 0;
        if (!file_open(&file, source->name.p, &quiet))
            return fail(trace, "failed to open", source->name.p);
        // It stays open: spans point into it.
        source->text = (struct str){(const char *)file.data.p, file.data.n};
    }
    return EXIT_DONE;
}

static enum exit_status find_targets(struct trace *trace) {
    trace->targets =
        ARENA_ARRAY(trace->arena, struct target, trace->command_count);
    for (size_t i = 0; i < trace->command_count; i++) {
        int problem =
            target_find(trace->arena, trace->commands[i], &trace->targets[i]);
        if (problem == 0)
            continue;
        errno = problem;
        const char *name = trace->targets[i].argc ? trace->targets[i].argv[0]
                                                  : trace->commands[i];
        return fail(trace, "failed to execute", name);
    }
    return EXIT_DONE;
}

// The commands have their ids before the script is compiled.
static enum exit_status start_commands(struct trace *trace) {
    struct watch *watch = &trace->watch;
    if (!watch_begin(watch, trace->arena))
        return fail(trace, "cannot make a folder in",
                    getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
    watch->commands =
        ARENA_ARRAY(trace->arena, struct watched, trace->command_count);
    for (size_t i = 0; i < trace->command_count; i++) {
        if (!watch_fork(watch, &trace->targets[i], &watch->commands[i]))
            return fail(trace, "failed to execute", trace->commands[i]);
        watch->command_count++;
        trace_debug(trace, "%s waits as process %d", trace->targets[i].path,
                    (int)watch->commands[i].pid);
    }
    return EXIT_DONE;
}

// --- compiling ---

static void set_macros(struct trace *trace) {
    struct script_macro *macros =
        ARENA_ARRAY(trace->arena, struct script_macro, 12);
    size_t n = 0;
    macros[n++] = (struct script_macro){"pid", getpid()};
    macros[n++] = (struct script_macro){"ppid", getppid()};
    macros[n++] = (struct script_macro){"pgid", getpgrp()};
    macros[n++] = (struct script_macro){"sid", getsid(0)};
    macros[n++] = (struct script_macro){"uid", getuid()};
    macros[n++] = (struct script_macro){"euid", geteuid()};
    macros[n++] = (struct script_macro){"gid", getgid()};
    macros[n++] = (struct script_macro){"egid", getegid()};
    macros[n++] = (struct script_macro){"projid", 0};
    macros[n++] = (struct script_macro){"taskid", 0};
    int64_t target =
        trace->watch.command_count ? trace->watch.commands[0].pid : 0;
    macros[n++] = (struct script_macro){"target", target};
    trace->job.script_options.macros = macros;
    trace->job.script_options.macro_count = n;
}

// The rewritten file of command `which`. The kernel calls a process by the name
// of its file, so each has a folder.
static bool set_output(struct trace *trace, struct job *job, size_t which) {
    const struct target *target = &trace->targets[which];
    const char *place =
        str_format(trace->arena, "%s/%zu", trace->watch.folder, which + 1).p;
    job->binary = target->path;
    job->target = trace->watch.commands[which].pid;
    job->output =
        str_format(trace->arena, "%s/%.*s", place, STR_ARGS(target->name)).p;
    return mkdir(place, 0700) == 0;
}

// One job for each program; commands that run the same one share it.
static bool set_outputs(struct trace *trace) {
    struct job *job = &trace->job;
    size_t count = trace->command_count;
    trace->jobs = ARENA_ARRAY(trace->arena, struct job *, count);
    job->others = ARENA_ARRAY(trace->arena, struct job, count);
    for (size_t i = 0; i < count; i++) {
        const struct target *target = &trace->targets[i];
        for (size_t k = 0; k < i; k++)
            if (strcmp(trace->targets[k].path, target->path) == 0 &&
                str_equal(trace->targets[k].name, target->name))
                trace->jobs[i] = trace->jobs[k];
        if (trace->jobs[i])
            continue;
        trace->jobs[i] = i == 0 ? job : &job->others[job->other_count++];
        if (!set_output(trace, trace->jobs[i], i))
            return false;
    }
    return true;
}

static bool make_job(struct trace *trace) {
    struct job *job = &trace->job;
    const char *folder = trace->watch.folder;
    *job = (struct job){.arena = trace->arena,
                        .diag = trace->diag,
                        .is_watched = true,
                        .allows_none = trace->mode == TRACE_LIST,
                        .arch = trace->arch,
                        .texts = trace->texts,
                        .text_count = trace->text_count};
    clock_gettime(CLOCK_MONOTONIC, &job->started);
    job->script_options.macro_args = trace->args;
    job->script_options.macro_arg_count = trace->arg_count;
    job->script_options.options = &trace->options;
    set_macros(trace);
    job->tracer = (struct ir_tracer){getpid(), getppid(), STR(JOB_HOST_NAME)};
    job->persistence = str_format(trace->arena, "%s/region", folder).p;
    job->output = str_format(trace->arena, "%s/%s", folder, JOB_HOST_NAME).p;
    return set_outputs(trace);
}

static void count_once(struct map *seen, size_t desc, uint32_t id,
                       size_t *count) {
    uint64_t key = (uint64_t)desc << 32 | id;
    if (!map_get_number(seen, key)) {
        map_put_number(seen, key, seen);
        ++*count;
    }
}

// As dtrace counts: the probes of each description of each clause of a text.
// Those of the system are there even if no program's code was found to lead to
// them.
static size_t count_matches(const struct trace *trace, size_t text) {
    const struct job *job = &trace->job;
    const struct ir_script *script = job->script;
    size_t *first = // of a clause's descriptions, among all of the script
        ARENA_ARRAY(trace->arena, size_t, script->clause_count + 1);
    struct map seen;
    map_init(&seen, trace->arena);
    size_t count = 0;
    for (size_t i = 0; i < script->clause_count; i++) {
        const struct probe_clause *probes = &job->probes[i];
        struct site_list list;
        first[i + 1] = first[i] + probes->desc_count;
        if (script->clauses[i]->text_index != text)
            continue;
        for (size_t k = 0; k < probes->desc_count; k++) {
            probe_list_system(trace->arena, &probes->descs[k], job->arch,
                              &list);
            for (size_t n = 0; n < list.count; n++)
                count_once(&seen, first[i] + k, list.items[n]->id, &count);
        }
    }
    for (size_t i = 0; i < job->matches.count; i++) {
        const struct match *match = &job->matches.items[i];
        if (match->clause < script->clause_count &&
            script->clauses[match->clause]->text_index == text)
            count_once(&seen, first[match->clause] + match->desc,
                       match->site->id, &count);
    }
    return count;
}

// What stands before the body of a clause, as the user knows it.
static struct str text_title(const struct trace *trace, size_t text) {
    struct str name = trace->texts[text].source->name;
    size_t len = 0;
    while (len < name.n &&
           (trace->are_files[text] || !strchr("{/;", name.p[len])))
        len++;
    return str_slice(name, 0, len);
}

// Of a text that is only compiled the matches are not told.
static enum exit_status report(const struct trace *trace, FILE *out) {
    size_t total = 0;
    for (size_t i = 0; i < trace->text_count; i++) {
        struct str title = text_title(trace, i);
        size_t count = count_matches(trace, i);
        total += count;
        if (!trace_is_quiet(trace) && !trace->only_compiles)
            trace_say(trace, "%s '%.*s' matched %zu probe%s",
                      trace->are_files[i] ? "script" : "description",
                      STR_ARGS(title), count, count == 1 ? "" : "s");
        if (trace->is_verbose)
            trace_stability(trace, i, title, out);
    }
    if (trace->is_verbose)
        trace_tell_inert(trace);
    if (total > 0 || trace->only_compiles)
        return EXIT_DONE;
    trace_say(trace, "no probes %s",
              trace->text_count ? "matched" : "specified");
    return EXIT_REFUSED;
}

// --- enabling ---

static bool is_first_use(const struct trace *trace, size_t command) {
    for (size_t i = 0; i < command; i++)
        if (trace->jobs[i] == trace->jobs[command])
            return false;
    return true;
}

static bool write_host(struct trace *trace, const char *path) {
    struct unit *host = trace->job.host;
    return rewrite_commit(&host->input, &host->result, path, trace->diag);
}

// -S: what was made of the script, and of each clause the code.
static void list_code(const struct trace *trace) {
    const struct job *job = &trace->job;
    for (size_t i = 0; i < job->folder.shape_count; i++) {
        const struct ir_clause *shape = job->folder.shape_list[i];
        bool is_own = shape->span.source && shape->span.len > 0 &&
                      shape->index < job->script->clause_count;
        if (is_own)
            stencil_list(stderr, &job->stencils.stencils[i], job->arch,
                         desc_format(trace->arena,
                                     job->script->probes[shape->index].descs));
    }
}

static enum exit_status enable(struct trace *trace) {
    struct job *job = &trace->job;
    const char *refusal = job_refusal(job);
    if (!refusal)
        refusal = trace_fit_buffers(trace);
    if (refusal) {
        trace_say(trace, "could not enable tracing: %s", refusal);
        return EXIT_REFUSED;
    }
    const char *path =
        str_format(trace->arena, "%s/%s", trace->watch.folder, JOB_HOST_NAME).p;
    if (!job_build(job))
        return EXIT_REFUSED;
    if (job->script->options.values[IR_OPTION_verbose])
        list_code(trace);
    trace_debug(trace,
                "%llu sites are instrumented, %llu are missed; the "
                "region has %llu bytes",
                (unsigned long long)job->sites, (unsigned long long)job->missed,
                (unsigned long long)job->layout.region_len);
    job_tell_missed(job, 3);
    job_tell_missed_results(job);
    progress_end(job);
    if (!write_host(trace, path))
        return EXIT_REFUSED;
    for (size_t i = 0; i < trace->command_count; i++)
        if (is_first_use(trace, i) && trace->jobs[i]->units[0].is_touched &&
            !outputs_write(trace->jobs[i]))
            return EXIT_REFUSED;
    int64_t cpu = job->script->options.values[IR_OPTION_cpu];
    trace_debug(trace, "starting the host, %s", path);
    if (!watch_start_host(&trace->watch, path, cpu)) {
        trace_say(trace, "could not enable tracing: the host does not start");
        return EXIT_REFUSED;
    }
    if (job->script->options.values[IR_OPTION_destructive] &&
        !trace_is_quiet(trace))
        trace_say(trace, "allowing destructive actions");
    return EXIT_DONE;
}

// --- running ---

static enum exit_status run_matched(struct trace *trace, FILE *out) {
    enum exit_status status = report(trace, out);
    bool lists = trace->job.script->options.values[IR_OPTION_verbose] != 0;
    if (status == EXIT_DONE && lists && trace->only_compiles) {
        if (!job_build(&trace->job))
            return EXIT_REFUSED;
        list_code(trace);
    }
    if (status != EXIT_DONE || trace->only_compiles)
        return status;
    status = enable(trace);
    if (status == EXIT_DONE && !trace_follow(trace, out))
        status = EXIT_REFUSED;
    return status;
}

static enum exit_status run_into_output(struct trace *trace) {
    if (!trace->output)
        return run_matched(trace, stdout);
    FILE *out = fopen(trace->output, "ae");
    if (!out)
        return fail(trace, "failed to open output file", trace->output);
    enum exit_status status = run_matched(trace, out);
    bool failed =
        ferror(out) != 0; // earlier, so that errno is of something else
    int error = fclose(out) != 0 ? errno : failed ? EIO : 0;
    errno = error;
    if (error != 0 && status == EXIT_DONE)
        status = fail(trace, "failed to write", trace->output);
    return status;
}

static enum exit_status run(struct trace *trace) {
    trace_set_environment(trace);
    trace_preallocate(trace, trace->options.values[IR_OPTION_preallocate]);
    enum exit_status status = find_targets(trace);
    if (status == EXIT_DONE)
        status = start_commands(trace);
    if (status != EXIT_DONE)
        return status;
    if (!make_job(trace))
        return fail(trace, "cannot make a folder in", trace->watch.folder);
    if (!job_match(&trace->job))
        return EXIT_REFUSED;
    if (trace->mode == TRACE_LIST)
        return trace_list(trace);
    const struct ir_script *script = trace->job.script;
    trace_debug(trace,
                "%zu clauses, %zu variables, %zu aggregations; %zu "
                "sites match",
                script->clause_count, script->variable_count,
                script->aggregation_count, trace->job.matches.site_count);
    if (script->options.values[IR_OPTION_preallocate] !=
        trace->options.values[IR_OPTION_preallocate])
        trace_preallocate(trace, script->options.values[IR_OPTION_preallocate]);
    if (script->options.values[IR_OPTION_verbose])
        script_dump(stderr, script);
    return run_into_output(trace);
}

static void list_everything(struct trace *trace) {
    trace->texts = ARENA_NEW(trace->arena, struct script_text);
    trace->are_files = ARENA_NEW(trace->arena, bool);
    trace->text_count = 1;
    trace->texts->is_argument = true;
    trace->texts->source = ARENA_NEW(trace->arena, struct source);
    trace->texts->source->text = STR("dtrace:::, syscall:::, *$target:::");
    trace->lists_everything = true;
}

static enum exit_status choose(struct trace *trace) {
    if (trace->mode == TRACE_HEADER || trace->mode == TRACE_OBJECT)
        return trace_static(trace);
    if (trace->mode == TRACE_LIST && trace->text_count == 0)
        list_everything(trace);
    return run(trace);
}

static enum exit_status run_trace(struct invocation *invocation) {
    struct trace trace = {.arena = invocation->arena,
                          .diag = invocation->diag,
                          .program = invocation->diag->program};
    trace.diag->like_dtrace = true;
    trace.diag->show_tags = false;
    struct utsname machine;
    if (uname(&machine) == 0)
        trace.arch = arch_by_name(str_from(machine.machine));
    if (!trace.arch) {
        trace_say(&trace, "there is no tracing on this machine");
        return EXIT_REFUSED;
    }
    options_init(&trace.options);
    enum exit_status status = trace_read_options(
        &trace, (int)invocation->arg_count, (char **)invocation->args);
    if (status == EXIT_DONE && trace.says_version) {
        printf("%s: MCTrace %s, D 2.0\n", trace.program, MCTRACE_VERSION);
        return EXIT_DONE;
    }
    if (status == EXIT_DONE)
        status = read_texts(&trace);
    if (status == EXIT_DONE)
        status = choose(&trace);
    bool dumps =
        (trace.job.script ? &trace.job.script->options : &trace.options)
            ->values[IR_OPTION_core] != 0;
    watch_end(&trace.watch);
    job_close_units(&trace.job);
    trace_debug(&trace, "the end");
    if (dumps)
        trace_dump_core(&trace);
    return status == EXIT_DONE ? (enum exit_status)trace.exit_status : status;
}

const struct command command_trace = {
    .name = "trace",
    .summary = "run a program under a script, as dtrace(1) does",
    .usage = "[-c 'command args'] [-n probe-clause] [-s script] ...",
    .help = trace_help,
    .run = run_trace,
};
