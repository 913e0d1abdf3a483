// test_runtime_files.h: part of test_runtime.c, about files.
//
// Attaching maps a file over the region, so each case runs in a child.

static char folder[64], file[128];

static int set_up(void **state) {
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/mct-runtime-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(file, sizeof file, "%s/t.bin", folder);
    memset(mct_region, 0, sizeof mct_region);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    char command[160];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

// Runs `part` in a child of its own and expects it to end well.
static void in_child(void (*part)(void)) {
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        part();
        _exit(0);
    }
    int status = -1;
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
}

// In a child, where cmocka's assertions would go on in the wrong process.
#define CHECK(condition)                                                       \
    do {                                                                       \
        if (!(condition)) {                                                    \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);    \
            _exit(1);                                                          \
        }                                                                      \
    } while (0)

// As systemd does for MemoryDenyWriteExecute=.
static void deny_new_code(void) {
    struct sock_filter rules[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0), // the number
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mprotect, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 32), // the third argument
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof rules / sizeof rules[0], rules};
    CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    CHECK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
}

static void denied_part(void) {
    CHECK(mprotect(mct_text, sizeof mct_text, PROT_READ | PROT_EXEC) == 0);
    deny_new_code();
    int old = dup(2), null = open("/dev/null", O_WRONLY);
    dup2(null, 2);
    mct_arm();
    dup2(old, 2);
    CHECK(MCT_HEADER->faults == 1 && MCT_HEADER->shared == 1);
    CHECK(mct_text[5] == 0xc3);
    ((void (*)(void))(mct_text + 5))(); // it is still code
    mct_arm();
    CHECK(MCT_HEADER->faults == 1); // said once
}

static void test_arming_denied(void **state) {
    (void)state;
    memset(mct_region, 0, sizeof mct_region);
    memset(mct_text, 0xc3, sizeof mct_text);
    in_child(denied_part);
}

static struct mct_environment our_environment(void) {
    struct mct_environment environment = {0};
    environment.random = (const uint8_t *)getauxval(AT_RANDOM);
    return environment;
}

static void gather_early(void) {
    *(uint32_t *)(mct_region + VARS_OFF) += 5;
    *(uint64_t *)(mct_region + VARS_OFF + 8) += 6;
    memcpy(mct_region + TEXT_OFF, "early", 6);
    uint64_t *cells = (uint64_t *)(mct_region + AGGS_OFF);
    mct_update_max(cells, -3, 1, 0, 0, 0, 0);
    mct_cell_add128(cells + 2, UINT64_MAX, 1);
    uint64_t key = 9;
    uint64_t *element =
        mct_agg_find((struct mct_table *)(mct_region + TABLE_OFF), &key, 1,
                     MCT_GEOMETRY(5, 1, 2));
    mct_update_avg(element, 40, 1, 0, 0, 0, 0);
    MCT_HEADER->lost += 2;
}

static void check_gathered(const uint8_t *region, uint64_t times) {
    const struct mct_region *header = (const void *)region;
    const uint64_t *cells = (const void *)(region + AGGS_OFF);
    const struct mct_table *table = (const void *)(region + TABLE_OFF);
    CHECK(*(const uint32_t *)(region + VARS_OFF) == 5 * times);
    CHECK(*(const uint64_t *)(region + VARS_OFF + 8) == 6 * times);
    CHECK(strcmp((const char *)region + TEXT_OFF, "early") == 0);
    CHECK(cells[0] == 1 && mct_decode_max(cells[1]) == -3);
    CHECK(cells[2] == 0 - times && cells[3] == 2 * times - 1);
    CHECK(header->lost == 2 * times);
    CHECK(table->used == 1);
    const uint64_t *entry =
        (const uint64_t *)(region + TABLE_OFF + MCT_TABLE_ENTRIES_OFF(5));
    CHECK(entry[0] & MCT_ENTRY_FULL);
    CHECK(entry[1] == times && entry[2] == 40 * times && entry[3] == 9);
}

static void read_file(uint8_t region[REGION_LEN]) {
    FILE *in = fopen(file, "rb");
    CHECK(in && fread(region, 1, REGION_LEN, in) == REGION_LEN);
    CHECK(fgetc(in) == EOF);
    fclose(in);
}

static void create_part(void) {
    struct mct_environment environment = our_environment();
    gather_early();
    CHECK(mct_attach(&environment, file) == 0);
    CHECK(MCT_HEADER->state == MCT_STATE_RUNNING);
    check_gathered(mct_region, 1);
    mct_region[VARS_OFF + 16] = 1; // seen by who reads the file
    uint8_t region[REGION_LEN];
    read_file(region);
    CHECK(memcmp(region, mct_region, REGION_LEN) == 0);
    const struct mct_region *header = (const void *)region;
    CHECK(memcmp(header->magic, MCT_REGION_MAGIC, 8) == 0);
    CHECK(memcmp(header->identity, mct_config.identity, 16) == 0);
    CHECK(header->byte_order == MCT_BYTE_ORDER && header->word_bits == 64);
    CHECK(header->region_len == REGION_LEN && header->vars_off == VARS_OFF);
    CHECK(header->sites == 7 && header->missed == 1 && header->attached == 1);
    CHECK(header->pid == (uint64_t)getpid());
    CHECK(llabs(header->started / 1000000000 - time(NULL)) <= 1);
}

static void test_create(void **state) {
    (void)state;
    mode_t mask = umask(0);
    in_child(create_part);
    umask(mask);
    struct stat stat_;
    assert_int_equal(lstat(file, &stat_), 0);
    assert_int_equal(stat_.st_mode, S_IFREG | 0600);
    // An old file is not written into: who has it mapped keeps it.
    ino_t old = stat_.st_ino;
    int fd = open(file, O_RDWR);
    uint8_t other_run[16] = {0};
    assert_int_equal(
        pwrite(fd, other_run, 16, offsetof(struct mct_region, run)), 16);
    in_child(create_part);
    assert_int_equal(lstat(file, &stat_), 0);
    assert_true(stat_.st_ino != old);
    close(fd);
}

// Another image of the process: its own region, the same file. The first
// mapping is put aside and the region is as new.
static void join_part(void) {
    struct mct_environment environment = our_environment();
    gather_early();
    CHECK(mct_attach(&environment, file) == 0);
    void *fresh = mmap(mct_region, REGION_LEN, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    CHECK(fresh == mct_region);
    gather_early();
    MCT_HEADER->state = MCT_STATE_ENDED;
    MCT_HEADER->exit_status = 4;
    CHECK(mct_attach(&environment, file) == 0);
    check_gathered(mct_region, 2);
    CHECK(MCT_HEADER->attached == 2);
    CHECK(MCT_HEADER->state == MCT_STATE_ENDED && MCT_HEADER->exit_status == 4);
    // Of another exec: begins anew.
    uint8_t other[16] = {1, 2, 3};
    environment.random = other;
    CHECK(mct_attach(&environment, file) == 0);
    CHECK(MCT_HEADER->attached == 1);
}

static void test_join(void **state) {
    (void)state;
    in_child(join_part);
}

static void way_part(void) {
    struct mct_environment environment = our_environment();
    char other[160];
    struct stat stat_;
    int free_fd = dup(0);
    close(free_fd);
    snprintf(other, sizeof other, "%s/other", folder);
    // A symbolic link is replaced, what it leads to stays.
    FILE *out = fopen(other, "w");
    fputs("precious", out);
    fclose(out);
    CHECK(symlink(other, file) == 0);
    CHECK(mct_attach(&environment, file) == 0);
    CHECK(lstat(file, &stat_) == 0 && S_ISREG(stat_.st_mode));
    CHECK(stat(other, &stat_) == 0 && stat_.st_size == 8);
    // What is no regular file is left alone.
    unlink(file);
    CHECK(mkfifo(file, 0600) == 0);
    CHECK(mct_attach(&environment, file) == -EEXIST);
    CHECK(lstat(file, &stat_) == 0 && S_ISFIFO(stat_.st_mode));
    unlink(file);
    CHECK(mkdir(file, 0700) == 0);
    CHECK(mct_attach(&environment, file) == -EEXIST);
    snprintf(other, sizeof other, "%s/none/t.bin", folder);
    CHECK(mct_attach(&environment, other) == -ENOENT);
    // Too large a file would be answered by a signal. Nothing is left behind.
    struct rlimit all, little = {1000, RLIM_INFINITY};
    getrlimit(RLIMIT_FSIZE, &all);
    little.rlim_max = all.rlim_max;
    CHECK(setrlimit(RLIMIT_FSIZE, &little) == 0);
    rmdir(file);
    CHECK(mct_attach(&environment, file) == -EFBIG);
    CHECK(lstat(file, &stat_) != 0);
    CHECK(setrlimit(RLIMIT_FSIZE, &all) == 0);
    // The region is as good as before.
    CHECK(MCT_HEADER->state == MCT_STATE_RUNNING);
    CHECK(dup(0) == free_fd); // none was left open
}

static void test_in_the_way(void **state) {
    (void)state;
    in_child(way_part);
}

// A process as the kernel makes it, and mct_start in it.
static void start_with(const char *variable_text, uint64_t secure) {
    const uint64_t stack[] = {1,
                              (uint64_t)"program",
                              0,
                              (uint64_t)"HOME=/root",
                              (uint64_t)variable_text,
                              0,
                              AT_RANDOM,
                              getauxval(AT_RANDOM),
                              AT_SECURE,
                              secure,
                              0,
                              0};
    begins = 0;
    mct_start(stack);
    CHECK(begins == 1);
}

static void path_part(void) {
    char text[256], expected[160];
    struct stat stat_;
    snprintf(text, sizeof text, "MCTRACE_PERSISTENCE_FILE=%s/%%p.%%x", folder);
    snprintf(expected, sizeof expected, "%s/%d.%%x", folder, getpid());
    start_with(text, 0);
    CHECK(stat(expected, &stat_) == 0 && stat_.st_size == REGION_LEN);
    // One that may not be trusted: the configured path, which cannot be had.
    unlink(expected);
    int pipe_fds[2];
    CHECK(pipe(pipe_fds) == 0);
    int old = dup(2);
    dup2(pipe_fds[1], 2);
    start_with(text, 1);
    dup2(old, 2);
    close(pipe_fds[1]);
    CHECK(stat(expected, &stat_) != 0);
    char line[256] = "";
    CHECK(read(pipe_fds[0], line, sizeof line - 1) > 0);
    CHECK(strcmp(line, "mctrace: no telemetry: /nowhere/at/all: no such "
                       "folder\n") == 0);
    CHECK(MCT_HEADER->state == MCT_STATE_RUNNING);
}

static void test_paths(void **state) {
    (void)state;
    in_child(path_part);
}

static void send_part(void) {
    char text[256], sent[160];
    snprintf(text, sizeof text, "%s/t", folder);
    snprintf(sent, sizeof sent, "%s/t.send", folder);
    setenv("MCTRACE_PERSISTENCE_FILE", text, 1);
    // The environment that the kernel knows is that of the exec.
    char channel_and_len[8] = {3, 0, 0, 0, 128, 0, 0, 0}, found[137];
    struct mct_environment environment = {0};
    mct_environment_read(&environment);
    if (!environment.has_path)
        execl("/proc/self/exe", "test_runtime", "--send", folder, NULL);
    memcpy(mct_region + VARS_OFF, "payload", 7);
    mct_send(3);
    mct_send(3);
    CHECK(MCT_HEADER->lost == 0);
    FILE *in = fopen(sent, "rb");
    CHECK(in && fread(found, 1, 136, in) == 136);
    CHECK(memcmp(found, channel_and_len, 8) == 0);
    CHECK(memcmp(found + 8, mct_region + VARS_OFF, 128) == 0);
    CHECK(fread(found, 1, 137, in) == 136);
}

static void test_send(void **state) {
    (void)state;
    in_child(send_part);
}
