// rewrite_lab.h: programs rewritten with stencils made by hand, run, and their
// counts compared with an oracle.
//
// One stencil only counts, one counts and then destroys every register, flag
// and stack byte that a stencil may, so that what is not saved shows. The
// oracle is the processor: the original program is run step by step, and
// arrivals at every instruction are counted.

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "mctrace/region.h"
#include "rewrite/rewrite.h"

enum { COUNT, DESTROY, STENCIL_COUNT };
enum { MOST_SECONDS = 60 }; // of one run

struct bench {
    struct arena *arena;
    struct diag diag;
    struct image *image;
    struct program *program;
    struct site *sites;
    struct shot *shots;
    size_t count, room, shot_room;
    struct stencil stencils[STENCIL_COUNT];
    struct stencil_set set;
    struct layout layout;
    struct mct_config config;
    struct rewrite_input input;
    struct rewrite_result result;
    char path[64], out_path[80];
};

// --- stencils -------------------------------------------------------------

// lock incq mct_slot_0(%rip); jmp mct_next
static const uint8_t count_code[] = {0xf0, 0x48, 0xff, 0x05, 0, 0, 0,
                                     0,    0xe9, 0,    0,    0, 0};
static const uint8_t destroy_code[] =
    {
        0xf0, 0x48, 0xff, 0x05, 0,    0,    0,    0, // lock incq slot(%rip)
        0x53, 0x53, 0x48, 0xc7, 0x04, 0x24, 1,    2,
        3,    4, // push, push, movq (%rsp)
        0x48, 0xc7, 0x44, 0x24, 0xf8, 1,    2,    3,
        4,          // movq $..., -8(%rsp)
        0x5b, 0x5b, // pop, pop
        0xb8, 0x11, 0x22, 0x33, 0x44, 0xb9, 0x11, 0x22,
        0x33, 0x44, // eax, ecx
        0xba, 0x11, 0x22, 0x33, 0x44, 0xbe, 0x11, 0x22,
        0x33, 0x44, // edx, esi
        0xbf, 0x11, 0x22, 0x33, 0x44, 0x41, 0xb8, 1,
        2,    3,    4, // edi, r8d
        0x41, 0xb9, 1,    2,    3,    4,    0x41, 0xba,
        1,    2,    3,    4, // r9d, r10d
        0x41, 0xbb, 1,    2,    3,    4,    0xeb, 0x02,
        0x0f, 0x0b,                   // r11d, jmp over ud2
        0x3d, 0,    0,    0,    0x44, // cmp $..., %eax
        0xe9, 0,    0,    0,    0};

static struct patch_point *points_make(struct bench *bench, size_t len) {
    struct patch_point *points =
        ARENA_ARRAY(bench->arena, struct patch_point, 2);
    const struct reloc_row *reloc = bench->program->arch->relocs;
    points[0] = (struct patch_point){
        .off = 4, .kind = TARGET_SLOT, .reloc = reloc, .addend = -4};
    points[1] = (struct patch_point){.off = (uint32_t)len - 4,
                                     .kind = TARGET_NEXT,
                                     .reloc = reloc,
                                     .addend = -4};
    return points;
}

static void stencils_make(struct bench *bench) {
    const struct abi *abi = &bench->program->arch->abi;
    static const uint32_t locks[] = {0};
    // The second stencil's last pop leaves rbx as it was... in the wrong
    // order; so it takes it from the first push.
    bench->stencils[COUNT] = (struct stencil){
        .code = {count_code, sizeof count_code},
        .points = points_make(bench, sizeof count_code),
        .point_count = 2,
        .locks = locks,
        .lock_count = 1,
        .clobbers = REG_BIT(abi->flags),
        .given = {REG_NONE, REG_NONE},
    };
    bench->stencils[DESTROY] = (struct stencil){
        .code = {destroy_code, sizeof destroy_code},
        .points = points_make(bench, sizeof destroy_code),
        .point_count = 2,
        .locks = locks,
        .lock_count = 1,
        .clobbers = abi->caller_saved,
        .stack_len = 24,
        .given = {REG_NONE, REG_NONE},
    };
    bench->set = (struct stencil_set){.stencils = bench->stencils,
                                      .stencil_count = STENCIL_COUNT};
}

// --- benches --------------------------------------------------------------

static struct bench *bench_open(const char *path) {
    struct arena *arena = arena_new();
    struct bench *bench = ARENA_NEW(arena, struct bench);
    bench->arena = arena;
    diag_init(&bench->diag, stderr, "test");
    snprintf(bench->path, sizeof bench->path, "%s", path);
    bench->image = image_open(arena, path, &bench->diag);
    assert_non_null(bench->image);
    bench->program =
        program_open(arena, bench->image, STR("a.out"), &bench->diag);
    assert_non_null(bench->program);
    snprintf(bench->out_path, sizeof bench->out_path, "/tmp/mct-rw-%d.new",
             (int)getpid());
    stencils_make(bench);
    return bench;
}

static struct bench *bench_assemble(const char *flags, const char *source) {
    char path[64], command[256];
    snprintf(path, sizeof path, "/tmp/mct-rw-%d.old", (int)getpid());
    snprintf(command, sizeof command,
             "clang-19 -x assembler -nostdlib -fuse-ld=lld-19 %s -o %s -",
             flags, path);
    FILE *pipe = popen(command, "w");
    assert_non_null(pipe);
    fputs(source, pipe);
    assert_int_equal(pclose(pipe), 0);
    return bench_open(path);
}

static struct bench *bench_compile(const char *flags, const char *source) {
    char path[64], command[256];
    snprintf(path, sizeof path, "/tmp/mct-rw-%d.old", (int)getpid());
    snprintf(command, sizeof command, "gcc -x c %s -o %s -", flags, path);
    FILE *pipe = popen(command, "w");
    assert_non_null(pipe);
    fputs(source, pipe);
    assert_int_equal(pclose(pipe), 0);
    return bench_open(path);
}

static void bench_free(struct bench *bench) {
    // For a look at what was written.
    if (getenv("MCT_KEEP") == NULL)
        unlink(bench->out_path);
    if (getenv("MCT_KEEP") == NULL &&
        strncmp(bench->path, "/tmp/mct-rw-", 12) == 0)
        unlink(bench->path);
    image_close(bench->image);
    arena_free(bench->arena);
}

static void add_site(struct bench *bench, const struct function *function,
                     uint64_t va, enum site_kind kind, enum exit_kind exit) {
    *ARENA_PUSH(bench->arena, bench->sites, bench->count, bench->room) =
        (struct site){.program = bench->program,
                      .function = function,
                      .va = va,
                      .offset = va - function->va,
                      .kind = (uint8_t)kind,
                      .exit = (uint8_t)exit,
                      .selector = -1,
                      .provider = STR("pid"),
                      .module = STR("a.out"),
                      .name = STR("x"),
                      .probefunc = function->name};
}

enum { ENTRIES = 1, RETURNS = 2, OFFSETS = 4, SYSCALLS = 8 };

static void add_function(struct bench *bench, const struct function *function,
                         unsigned what) {
    struct insn insn;
    size_t count;
    if ((what & ENTRIES) && !(function->flags & FUNCTION_PART))
        add_site(bench, function, function->va, SITE_ENTRY, EXIT_RETURN);
    if (what & OFFSETS)
        for (uint64_t va = function->va; va < function->va + function->len;
             va++)
            if (program_is_insn(bench->program, va) &&
                program_decode(bench->program, va, &insn))
                add_site(bench, function, va, SITE_OFFSET, EXIT_RETURN);
    if (!(what & RETURNS))
        return;
    struct function_exit *exits =
        program_exits(bench->program, function, bench->arena, &count);
    for (size_t i = 0; i < count; i++)
        add_site(bench, function, exits[i].va, SITE_RETURN, exits[i].kind);
}

static int compare_sites(const void *a, const void *b) {
    const struct site *x = a, *y = b;
    if (x->va != y->va)
        return x->va < y->va ? -1 : 1;
    if (x->kind != y->kind)
        return (int)x->kind - (int)y->kind;
    return x->function < y->function ? -1 : x->function > y->function;
}

static void add_all(struct bench *bench, unsigned what) {
    for (size_t i = 0; i < bench->program->function_count; i++)
        add_function(bench, &bench->program->functions[i], what);
    for (size_t i = 0; i < bench->program->syscall_count; i++) {
        const struct syscall_site *call = &bench->program->syscalls[i];
        if (!(what & SYSCALLS) || call->function == NULL)
            continue;
        add_site(bench, call->function, call->va, SITE_SYSCALL_ENTRY, 0);
        add_site(bench, call->function, call->va, SITE_SYSCALL_RETURN, 0);
    }
    qsort(bench->sites, bench->count, sizeof *bench->sites, compare_sites);
}

static void bench_build(struct bench *bench, int stencil) {
    bench->shots = ARENA_ARRAY(bench->arena, struct shot, bench->count);
    uint64_t *holes = ARENA_ARRAY(bench->arena, uint64_t, bench->count);
    for (size_t i = 0; i < bench->count; i++) {
        holes[i] = 8 * i;
        bench->shots[i] = (struct shot){.site = &bench->sites[i],
                                        .stencil = &bench->stencils[stencil],
                                        .holes = &holes[i]};
    }
    bench->layout.region_len = (8 * bench->count + 4096) / 4096 * 4096;
    bench->input = (struct rewrite_input){
        .arena = bench->arena,
        .program = bench->program,
        .shots = bench->shots,
        .shot_count = bench->count,
        .stencils = &bench->set,
        .layout = &bench->layout,
        .config = &bench->config,
        .locks = LOCKS_ALWAYS,
    };
    assert_true(rewrite_build(&bench->input, &bench->result, &bench->diag));
    assert_true(rewrite_commit(&bench->input, &bench->result, bench->out_path,
                               &bench->diag));
}

// --- running --------------------------------------------------------------

struct run {
    int status;
    char output[1 << 16];
    size_t output_len;
    uint64_t base; // where the image was loaded
    uint64_t *counts;
};

static uint64_t load_base(pid_t pid) {
    char name[64];
    unsigned long long start = 0;
    snprintf(name, sizeof name, "/proc/%d/maps", (int)pid);
    FILE *maps = fopen(name, "r");
    assert_non_null(maps);
    assert_int_equal(fscanf(maps, "%llx", &start), 1);
    fclose(maps);
    return start;
}

static pid_t start(const char *path, char *const *argv, const char *out) {
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    int fd = open(out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    dup2(fd, 1);
    dup2(fd, 2);
    close(fd);
    int null = open("/dev/null", O_RDONLY);
    dup2(null, 0);
    close(null);
    personality(ADDR_NO_RANDOMIZE);
    alarm(MOST_SECONDS);
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    char *environment[] = {"PATH=/usr/bin:/bin", "LC_ALL=C", NULL};
    execve(path, argv, environment);
    _exit(127);
}

typedef void stepper(struct bench *bench, uint64_t va);

// The image's first loaded address; the base is what differs from it.
static uint64_t first_va(const struct bench *bench) {
    uint64_t first = UINT64_MAX;
    for (size_t i = 0; i < bench->image->segment_count; i++)
        if (bench->image->segments[i].va < first)
            first = bench->image->segments[i].va;
    return first & ~(uint64_t)4095;
}

static void read_region(struct bench *bench, struct run *run, pid_t pid) {
    char name[64];
    snprintf(name, sizeof name, "/proc/%d/mem", (int)pid);
    int fd = open(name, O_RDONLY);
    run->counts = ARENA_ARRAY(bench->arena, uint64_t, bench->count + 1);
    size_t len = 8 * bench->count;
    uint64_t va = run->base + bench->result.room.region_va;
    assert_int_equal(pread(fd, run->counts, len, (off_t)va), len);
    close(fd);
}

static void read_output(struct run *run, const char *path) {
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    run->output_len = fread(run->output, 1, sizeof run->output, file);
    fclose(file);
    unlink(path);
}

static void step_here(struct bench *bench, struct run *run, pid_t pid,
                      stepper *step) {
    struct user_regs_struct regs;
    ptrace(PTRACE_GETREGS, pid, 0, &regs);
    step(bench, regs.rip - run->base);
}

static struct run *run_traced(struct bench *bench, const char *path,
                              char *const *argv, stepper *step) {
    struct run *run = ARENA_NEW(bench->arena, struct run);
    char out[64];
    int status;
    snprintf(out, sizeof out, "/tmp/mct-rw-%d.txt", (int)getpid());
    pid_t pid = start(path, argv, out);
    waitpid(pid, &status, 0);
    assert_true(WIFSTOPPED(status));
    ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL);
    run->base = load_base(pid) - first_va(bench);
    int signal = 0;
    if (step != NULL)
        step_here(bench, run, pid, step);
    for (;;) {
        ptrace(step ? PTRACE_SINGLESTEP : PTRACE_CONT, pid, 0, signal);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        signal = 0;
        if (!WIFSTOPPED(status))
            break;
        if (status >> 8 == (SIGTRAP | PTRACE_EVENT_EXIT << 8)) {
            if (step == NULL)
                read_region(bench, run, pid);
            step = NULL;
        } else if (step != NULL && WSTOPSIG(status) == SIGTRAP) {
            step_here(bench, run, pid, step);
        } else {
            signal = WSTOPSIG(status);
        }
    }
    run->status = status;
    read_output(run, out);
    return run;
}

// --- the oracle -----------------------------------------------------------

struct oracle {
    uint64_t last_va;
    struct insn last;
    struct map arrivals; // by address -> count in `counts`
};

struct tally {
    uint64_t all, entries, taken, after;
};

static struct oracle oracle;

static struct tally *tally_at(uint64_t va) {
    return map_get_number(&oracle.arrivals, va);
}

static void watch(struct bench *bench, uint64_t va) {
    struct tally *tally = tally_at(va), *last = tally_at(oracle.last_va);
    bool repeats = va == oracle.last_va && oracle.last.kind == INSN_PLAIN;
    if (tally != NULL && !repeats) {
        const struct function *to = program_function_at(bench->program, va);
        const struct function *from =
            program_function_at(bench->program, oracle.last_va);
        bool jumped =
            oracle.last.kind == INSN_JUMP || oracle.last.kind == INSN_JUMP_COND;
        tally->all++;
        tally->entries += !(jumped && from == to);
    }
    if (last != NULL && !repeats) {
        last->taken +=
            oracle.last.kind == INSN_JUMP_COND && va == oracle.last.target;
        last->after += va == oracle.last_va + oracle.last.len;
    }
    oracle.last_va = va;
    if (!program_is_insn(bench->program, va) ||
        !program_decode(bench->program, va, &oracle.last))
        oracle.last = (struct insn){.kind = INSN_UNKNOWN};
}

static uint64_t expected(const struct site *site) {
    const struct tally *tally = tally_at(site->va);
    switch (site->kind) {
    case SITE_ENTRY: return tally->entries;
    case SITE_SYSCALL_RETURN: return tally->after;
    case SITE_RETURN:
        return site->exit == EXIT_TAIL_CALL_COND ? tally->taken : tally->all;
    default: return tally->all;
    }
}

static void oracle_prepare(struct bench *bench) {
    memset(&oracle, 0, sizeof oracle);
    map_init(&oracle.arrivals, bench->arena);
    for (size_t i = 0; i < bench->count; i++)
        if (tally_at(bench->sites[i].va) == NULL)
            map_put_number(&oracle.arrivals, bench->sites[i].va,
                           ARENA_NEW(bench->arena, struct tally));
}

static void show(const struct bench *bench, size_t i, uint64_t got) {
    const struct site_report *report = &bench->result.sites[i];
    const struct site *site = &bench->sites[i];
    fprintf(
        stderr, "%s: %.*s+0x%llx (0x%llx) kind %d: %llu, not %llu (%s, %s)\n",
        bench->path, STR_ARGS(site->function->name),
        (unsigned long long)site->offset, (unsigned long long)site->va,
        site->kind, (unsigned long long)got, (unsigned long long)expected(site),
        tactic_name(report->tactic), report->reason ? report->reason : "");
}

// The start of a static program counts segments, of which there are more.
static bool counts_segments(const struct site *site) {
    return str_starts_with(site->function->name, STR("_dl")) ||
           str_equal(site->function->name, STR("__libc_setup_tls"));
}

static void check_counts(struct bench *bench, const struct run *run) {
    size_t wrong = 0, missed = 0;
    for (size_t i = 0; i < bench->count; i++) {
        const struct site_report *report = &bench->result.sites[i];
        assert_ptr_equal(report->site, &bench->sites[i]);
        if (report->tactic == TACTIC_MISSED) {
            assert_non_null(report->reason);
            if (getenv("MCT_SHOW") && missed < 30)
                fprintf(stderr, "missed %.*s+0x%llx (0x%llx): %s\n",
                        STR_ARGS(report->site->function->name),
                        (unsigned long long)report->site->offset,
                        (unsigned long long)report->site->va, report->reason);
            missed++;
        } else if (run->counts[i] != expected(&bench->sites[i]) &&
                   report->reason == NULL &&
                   !counts_segments(&bench->sites[i]) && wrong++ < 20) {
            show(bench, i, run->counts[i]);
        }
    }
    if (getenv("MCT_SHOW"))
        fprintf(stderr, "%s: %zu sites, %zu missed\n", bench->path,
                bench->count, missed);
    assert_int_equal(wrong, 0);
}

// Runs the original step by step and the rewritten one, and compares.
static void compare_runs(struct bench *bench, char *const *argv) {
    oracle_prepare(bench);
    struct run *before = run_traced(bench, bench->path, argv, watch);
    struct run *after = run_traced(bench, bench->out_path, argv, NULL);
    assert_int_equal(after->status, before->status);
    assert_int_equal(after->output_len, before->output_len);
    assert_memory_equal(after->output, before->output, before->output_len);
    check_counts(bench, after);
}

static size_t missed(const struct bench *bench) {
    return bench->result.by_tactic[TACTIC_MISSED];
}
