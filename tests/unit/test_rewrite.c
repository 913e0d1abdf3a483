// test_rewrite.c: rewritten programs run as before, and every site fires as
// often as control came by.
//
// Stencils are made by hand: one only counts, one counts and then destroys
// every register, flag and stack byte that a stencil may, so that what is not
// saved shows. The oracle is the processor: the original program is run step
// by step, and arrivals at every instruction are counted.

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
    };
    bench->stencils[DESTROY] = (struct stencil){
        .code = {destroy_code, sizeof destroy_code},
        .points = points_make(bench, sizeof destroy_code),
        .point_count = 2,
        .locks = locks,
        .lock_count = 1,
        .clobbers = abi->caller_saved,
        .stack_len = 24,
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

// --- programs -------------------------------------------------------------

// Every function takes its argument in edi and gives a result in eax; _start
// mixes the results, writes them out and exits with a part of them.
static const char *const hard =
    "  .text\n"
    ".macro function name\n"
    "  .globl \\name\n  .type \\name,@function\n\\name:\n"
    ".endm\n"
    ".macro done name\n  .size \\name,.-\\name\n.endm\n"
    ".macro try name, arg\n"
    "  mov $\\arg,%edi\n  mov $0x1234567,%eax\n  call \\name\n"
    "  rol $7,%r15\n  add %rax,%r15\n"
    ".endm\n"
    "function _start\n"
    "  xor %r15d,%r15d\n  mov $20,%r14d\n"
    "1: try loop_entry,5\n  try loop_pad,7\n  try recursive,4\n"
    "  try jump_second,3\n  try lone_ret,0\n  try lone_ret,1\n"
    "  try lone_ret,2\n  try table,0\n  try table,1\n  try table,2\n"
    "  try table,3\n  try tail,9\n  try tail_if,0\n  try tail_if,5\n"
    "  try rep_ret,1\n  try landing,6\n  try pc_relative,2\n"
    "  try sp_relative,3\n  try calls,2\n  try call_first,2\n"
    "  try sub_call,1\n  try push_call,4\n  try loops,6\n  try loop_ne,6\n"
    "  try jump_rcxz,0\n  try jump_rcxz,3\n  try red_zone,77\n"
    "  stc\n  mov $4,%edi\n  call flags_in\n  add %rax,%r15\n"
    "  clc\n  mov $4,%edi\n  call flags_in\n  add %rax,%r15\n"
    "  mov $0x77,%r11d\n  mov $4,%edi\n  call live_r11\n  add %rax,%r15\n"
    "  try strings,3\n  try tiny,1\n  try tiny_last,1\n  try bare,3\n"
    "  try stack_arg,5\n  try frame,5\n  try flags_out,5\n"
    "  adc $0,%r15\n  try self_jump,3\n  try two_blocks,4\n"
    "  try wide,3\n  try system,0\n"
    "  dec %r14d\n  jne 1b\n"
    "  push %r15\n"
    "  mov $1,%eax\n  mov $1,%edi\n  mov %rsp,%rsi\n  mov $8,%edx\n"
    "  syscall\n"
    "  pop %rdi\n  and $63,%edi\n  mov $60,%eax\n  syscall\n  hlt\n"
    "done _start\n"
    "function loop_entry\n"
    "  dec %edi\n  jne loop_entry\n  mov %edi,%eax\n  ret\n"
    "done loop_entry\n"
    "function loop_pad\n"
    "  add %edi,%eax\n  .byte 0x90\n  dec %edi\n  .byte 0x0f,0x85\n"
    "  .long loop_pad-.-4\n  ret\n"
    "done loop_pad\n"
    "function recursive\n"
    "  test %edi,%edi\n  je 1f\n  push %rbx\n  mov %edi,%ebx\n"
    "  lea -1(%rdi),%edi\n  call recursive\n  lea -2(%rbx),%edi\n"
    "  test %edi,%edi\n  jle 2f\n  call recursive\n"
    "2: add %ebx,%eax\n  pop %rbx\n  ret\n"
    "1: mov $1,%eax\n  ret\n"
    "done recursive\n"
    "function jump_second\n"
    "  inc %eax\n"
    "1: add %edi,%eax\n  dec %edi\n  jg 1b\n  ret\n"
    "done jump_second\n"
    "function lone_ret\n"
    "  lea 3(%rdi),%eax\n  cmp $1,%edi\n  je 1f\n  cmp $2,%edi\n  je 1f\n"
    "  imul %edi,%eax\n  jmp 2f\n"
    "1: ret\n"
    "2: add $5,%eax\n  jmp 1b\n"
    "done lone_ret\n"
    "function table\n"
    "  mov %edi,%eax\n  lea 9f(%rip),%rdx\n  movslq (%rdx,%rax,4),%rax\n"
    "  add %rdx,%rax\n  cmp $3,%edi\n  ja 5f\n  jmp *%rax\n"
    "1: mov $11,%eax\n  ret\n"
    "2: mov $22,%eax\n  jmp 4f\n"
    "3: mov $33,%eax\n"
    "4: add $1,%eax\n  ret\n"
    "5: mov $55,%eax\n  ret\n"
    "  .section .rodata\n  .p2align 2\n"
    "9: .long 1b-9b,2b-9b,3b-9b,4b-9b\n  .text\n"
    "done table\n"
    "function tail\n"
    "  inc %edi\n  jmp loop_entry\n"
    "done tail\n"
    "function tail_if\n"
    "  mov %edi,%eax\n  test %edi,%edi\n  jne tail\n  inc %eax\n  ret\n"
    "done tail_if\n"
    "function rep_ret\n"
    "  mov %edi,%eax\n  test %eax,%eax\n  je 1f\n  add $3,%eax\n"
    "1: rep ret\n"
    "done rep_ret\n"
    "  .p2align 4,0xcc\n"
    "function landing\n"
    "  endbr64\n"
    "1: add %edi,%eax\n  dec %edi\n  jne 1b\n  ret\n"
    "done landing\n"
    "function pc_relative\n"
    "  mov word(%rip),%eax\n  lea landing(%rip),%rdx\n  addl $1,word(%rip)\n"
    "  cmpl $7,word(%rip)\n  je 1f\n  add %edi,%eax\n"
    "1: ret\n"
    "  .data\nword: .long 5\n  .text\n"
    "done pc_relative\n"
    "function sp_relative\n"
    "  mov (%rsp),%rax\n  lea 8(%rsp),%rdx\n  sub %rsp,%rdx\n"
    "  sub (%rsp),%rax\n  add %rdx,%rax\n  push %rdi\n  mov (%rsp),%edx\n"
    "  add %rdx,%rax\n  pop %rdx\n  ret\n"
    "done sp_relative\n"
    "function calls\n"
    "  push %rbp\n  mov %rsp,%rbp\n  lea loop_entry(%rip),%rax\n"
    "  mov $3,%edi\n  call *%rax\n  mov %eax,%edi\n  add $2,%edi\n"
    "  lea tail(%rip),%rcx\n  push %rcx\n  push %rcx\n  call *8(%rsp)\n"
    "  pop %rcx\n  pop %rcx\n  mov $2,%edi\n  call *pointer(%rip)\n"
    "  mov $4,%edi\n  call loop_entry\n  leave\n  ret\n"
    "  .data\npointer: .quad recursive\n  .text\n"
    "done calls\n"
    "function call_first\n"
    "  call loop_entry\n  lea 3(%rax),%edi\n  call rep_ret\n  ret\n"
    "done call_first\n"
    "function sub_call\n"
    "  sub $8,%rsp\n  call rep_ret\n  add $8,%rsp\n  ret\n"
    "done sub_call\n"
    "function push_call\n"
    "  push %rdi\n  call rep_ret\n  pop %rdi\n  add %edi,%eax\n  ret\n"
    "done push_call\n"
    "function loops\n"
    "  mov %edi,%ecx\n"
    "1: add %ecx,%eax\n  loop 1b\n  ret\n"
    "done loops\n"
    "function loop_ne\n"
    "  mov %edi,%ecx\n"
    "1: add %ecx,%eax\n  cmp $3,%ecx\n  loopne 1b\n  ret\n"
    "done loop_ne\n"
    "function jump_rcxz\n"
    "  mov %edi,%ecx\n  jrcxz 1f\n  inc %eax\n  ret\n"
    "1: dec %eax\n  ret\n"
    "done jump_rcxz\n"
    "function red_zone\n"
    "  mov %rdi,-8(%rsp)\n  mov %rax,-128(%rsp)\n  xor %eax,%eax\n"
    "  add -8(%rsp),%rax\n  add -128(%rsp),%rax\n  ret\n"
    "done red_zone\n"
    "function flags_in\n"
    "  lea (%rdi,%rdi),%eax\n  adc $0,%eax\n  seto %cl\n  movzbl %cl,%ecx\n"
    "  add %ecx,%eax\n  ret\n"
    "done flags_in\n"
    "function live_r11\n"
    "  lea (%r11,%rdi),%eax\n  nop\n  mov %r11d,%edi\n  call rep_ret\n"
    "  add %r11d,%eax\n  ret\n"
    "done live_r11\n"
    "function strings\n"
    "  lea text(%rip),%rsi\n  lea buffer(%rip),%rdi\n  mov $5,%ecx\n  cld\n"
    "  rep movsb\n  mov buffer+1(%rip),%eax\n  ret\n"
    "  .data\ntext: .ascii \"hello\"\nbuffer: .zero 8\n  .text\n"
    "done strings\n"
    "  .p2align 4\n"
    "function tiny\n  ret\ndone tiny\n"
    "  .p2align 4\n"
    "function tiny_last\n  inc %eax\n  ret\ndone tiny_last\n"
    "function bare\n  ret\ndone bare\n"
    "function stack_arg\n"
    "  push %rdi\n  push $7\n  call 1f\n  add $16,%rsp\n  ret\n"
    "1: mov 8(%rsp),%rax\n  add 16(%rsp),%rax\n  ret\n"
    "done stack_arg\n"
    "function frame\n"
    "  push %rbp\n  mov %rsp,%rbp\n  sub $32,%rsp\n  mov %edi,-20(%rbp)\n"
    "  mov -20(%rbp),%edi\n  call rep_ret\n  mov %eax,-24(%rbp)\n"
    "  mov -24(%rbp),%eax\n  add -20(%rbp),%eax\n  leave\n  ret\n"
    "done frame\n"
    "function flags_out\n"
    "  mov %edi,%eax\n  cmp $6,%edi\n  ret\n"
    "done flags_out\n"
    "function self_jump\n"
    "  mov %edi,%eax\n  sub $1,%edi\n  jg self_jump\n  ret\n"
    "done self_jump\n"
    "function two_blocks\n"
    "  test $1,%dil\n  je 1f\n  inc %eax\n"
    "1: shr %edi\n  jne two_blocks\n  ret\n"
    "done two_blocks\n"
    "function wide\n"
    "  movabs $0x1122334455667788,%rax\n  add %rdi,%rax\n"
    "  movl $0x12345678,word2(%rip)\n  add word2(%rip),%eax\n  ret\n"
    "  .data\nword2: .quad 0\n  .text\n"
    "done wide\n"
    "function system\n"
    "  mov $186,%eax\n  syscall\n  test %eax,%eax\n  jle 1f\n"
    "  mov $39,%eax\n  syscall\n  mov $1,%eax\n"
    "1: ret\n"
    "done system\n";

static void check_hard(unsigned what, int stencil, size_t most_missed) {
    static const char *const kinds[] = {"-static", "-pie"};
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        struct bench *bench = bench_assemble(kinds[i], hard);
        char *argv[] = {"hard", NULL};
        add_all(bench, what);
        bench_build(bench, stencil);
        compare_runs(bench, argv);
        if (missed(bench) > most_missed)
            for (size_t k = 0; k < bench->count; k++)
                if (bench->result.sites[k].tactic == TACTIC_MISSED)
                    fprintf(stderr, "missed %.*s+%llu: %s\n",
                            STR_ARGS(bench->sites[k].function->name),
                            (unsigned long long)bench->sites[k].offset,
                            bench->result.sites[k].reason);
        assert_true(missed(bench) <= most_missed);
        bench_free(bench);
    }
}

static void counts_entries(void **state) {
    (void)state;
    check_hard(ENTRIES, COUNT, 1);
}

static void counts_returns(void **state) {
    (void)state;
    check_hard(RETURNS, COUNT, 4);
}

static void counts_system_calls(void **state) {
    (void)state;
    check_hard(SYSCALLS, COUNT, 1);
}

static void counts_everything(void **state) {
    (void)state;
    check_hard(ENTRIES | RETURNS | OFFSETS | SYSCALLS, COUNT, 60);
}

static void keeps_what_is_live(void **state) {
    (void)state;
    check_hard(ENTRIES, DESTROY, 1);
    check_hard(RETURNS | SYSCALLS, DESTROY, 5);
    check_hard(ENTRIES | RETURNS | OFFSETS, DESTROY, 60);
}

// Code from a compiler. No heap: it begins elsewhere behind added segments,
// and string functions take other ways by alignment.
static const char *const compiled =
    "#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n"
    "static int cmp(const void *a, const void *b)\n"
    "{ return *(const int *)a - *(const int *)b; }\n"
    "__attribute__((noinline)) int kind(int c) { switch (c % 9) {\n"
    "case 0: return 5; case 1: return c * 3; case 2: return c ^ 77;\n"
    "case 3: puts(\"three\"); return 1; case 4: return c - 1;\n"
    "case 5: return kind(c / 2); case 6: return -c; case 7: return 9;\n"
    "default: return 0; } }\n"
    "__attribute__((noinline)) long gcd(long a, long b)\n"
    "{ return b == 0 ? a : gcd(b, a % b); }\n"
    "int main(void) { int v[50]; unsigned x = 7; long s = 0;\n"
    "for (int i = 0; i < 50; i++) { x = x * 1103515245 + 12345;\n"
    "v[i] = x >> 20; s += kind(v[i]) + gcd(v[i], 360); }\n"
    "qsort(v, 50, sizeof v[0], cmp);\n"
    "static char t[4000], b[4096]; setvbuf(stdout, b, _IOFBF, sizeof b);\n"
    "for (int i = 0; i < 50; i++) sprintf(t + strlen(t), \"%d \", v[i]);\n"
    "printf(\"%s%ld %.3f\\n\", t, s, s / 7.0); return s & 31; }\n";

static void compiled_programs(void **state) {
    (void)state;
    static const char *const kinds[] = {"-O0", "-O2", "-O2 -static",
                                        "-Os -no-pie", "-O2 -fcf-protection"};
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        for (int stencil = 0; stencil < STENCIL_COUNT; stencil++) {
            struct bench *bench = bench_compile(kinds[i], compiled);
            char *argv[] = {"compiled", NULL};
            add_all(bench, stencil == COUNT ? ENTRIES | RETURNS
                                            : ENTRIES | RETURNS | OFFSETS);
            bench_build(bench, stencil);
            compare_runs(bench, argv);
            bench_free(bench);
        }
    }
}

int main(int argc, char **argv) {
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_entries),
        cmocka_unit_test(counts_returns),
        cmocka_unit_test(counts_system_calls),
        cmocka_unit_test(counts_everything),
        cmocka_unit_test(keeps_what_is_live),
        cmocka_unit_test(compiled_programs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
