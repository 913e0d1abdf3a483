// test_runtime_text.c: functions of D on strings, paths, numbers, addresses of
// networks, memory and speculations, run here.
//
// Each is held against somebody else's idea of it: perl for substr() and
// index(), python for paths, the C library for most others. strsize is so
// small that many texts are longer: what a function is given counts up to
// there, and so does what it returns.

#define MCT_SYS "sys/x86_64.h"
#include "../../runtime/copy.c"
#include "../../runtime/net.c"
#include "../../runtime/number.c"
#include "../../runtime/path.c"
#include "../../runtime/search.c"
#include "../../runtime/speculation.c"
#include "../../runtime/string.c"
#include "../../runtime/text.c"
#undef AF_INET
#undef AF_INET6
#undef ARPHRD_ETHER
#undef ARPHRD_INFINIBAND
#undef PAGE

#include <arpa/inet.h>
#include <errno.h>
#include <libgen.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cmocka.h>

// --- what the rest of the runtime does ---

enum { STRSIZE = 40, ALLOCA_LEN = 64, SCRATCH_LEN = 1024, PAGE = 4096 };

enum { SPEC_OFF = 512, NSPEC = 3 };

_Alignas(MCT_REGION_ALIGN) uint8_t mct_region[MCT_REGION_ALIGN];
const struct mct_config mct_config = {.strsize = STRSIZE,
                                      .alloca_len = ALLOCA_LEN,
                                      .spec_off = SPEC_OFF,
                                      .specsize = 100,
                                      .nspec = NSPEC};

void *mct_scratch(struct mct_firing *firing, uint64_t len) {
    uint64_t taken = (len + 7) / 8 * 8;
    void *at = firing->scratch_top;
    if (taken > (uint64_t)(firing->scratch_end - firing->scratch_top)) {
        mct_fail(firing, MCT_FAULT_NOSCRATCH, 0);
        return NULL;
    }
    firing->scratch_top += taken;
    return at;
}

static uint8_t private_memory[STRSIZE + 1];

void *mct_map_private(uint64_t len) {
    assert_int_equal(len, sizeof private_memory);
    return private_memory;
}

static bool transfer(uint64_t to, uint64_t from, uint64_t len, uint64_t is_in) {
    struct iovec into = {(void *)to, len}, of = {(void *)from, len};
    return (is_in ? process_vm_readv(getpid(), &into, 1, &of, 1, 0)
                  : process_vm_writev(getpid(), &of, 1, &into, 1, 0)) ==
           (ssize_t)len;
}

bool mct_read(void *to, uint64_t from, uint64_t len) {
    return transfer((uint64_t)to, from, len, true);
}

bool mct_write(uint64_t to, const void *from, uint64_t len) {
    return transfer(to, (uint64_t)from, len, false);
}

int64_t mct_read_text(char *to, uint64_t from, uint64_t most) {
    for (uint64_t len = 0; len < most; len++) {
        if (!mct_read(to + len, from + len, 1))
            return -1;
        if (to[len] == 0)
            return (int64_t)len;
    }
    return (int64_t)most;
}

static struct mct_thread thread;
static _Alignas(8) uint8_t memory[3 * ALLOCA_LEN + SCRATCH_LEN];

// A clause begins.
static struct mct_firing *enter(struct mct_firing *firing) {
    memset(memory, 0xee, sizeof memory);
    *firing = (struct mct_firing){.thread = &thread,
                                  .scratch = memory + 3 * ALLOCA_LEN,
                                  .scratch_top = memory + 3 * ALLOCA_LEN,
                                  .scratch_end = memory + sizeof memory,
                                  .alloca_top = memory + ALLOCA_LEN};
    return firing;
}

static void check_text(const char *is, const char *wanted) {
    char kept[STRSIZE + 1] = "";
    strncat(kept, wanted, STRSIZE);
    assert_non_null(is);
    assert_string_equal(is, kept);
}

static void check_fault(const struct mct_firing *firing, uint64_t fault,
                        uint64_t value) {
    assert_int_equal(firing->fault, fault);
    assert_int_equal(firing->fault_value, value);
}

static uint64_t next_random(uint64_t *seed) {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static void some_text(uint64_t *seed, const char *letters, uint64_t most,
                      char *out) {
    uint64_t len = next_random(seed) % (most + 1);
    for (uint64_t i = 0; i < len; i++)
        out[i] = letters[next_random(seed) % strlen(letters)];
    out[len] = 0;
}

// Two pages of which only the first is there; `text` is put at its end.
static char *at_page_end(const char *text, uint64_t len) {
    char *pages = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(pages != MAP_FAILED);
    assert_int_equal(munmap(pages + PAGE, PAGE), 0);
    return memcpy(pages + PAGE - len, text, len);
}

// --- strings ---

static void test_length_and_copy(void **state) {
    (void)state;
    char text[80], copy[80];
    uint64_t seed = 88172645463325252;
    for (int i = 0; i < 20000; i++) {
        uint64_t shift = next_random(&seed) % 8;
        some_text(&seed, "ab\x80\xff\x01", 60, text + shift);
        uint64_t most = next_random(&seed) % 70, len = strlen(text + shift);
        assert_int_equal(mct_text_len(text + shift, most),
                         len < most ? len : most);
        memset(copy, 'x', sizeof copy);
        mct_string_copy(copy, text + shift, most + 1);
        assert_int_equal(strlen(copy), len < most ? len : most);
        assert_memory_equal(copy, text + shift, strlen(copy));
        assert_int_equal(copy[strlen(copy) + 1], 'x');
    }
    mct_string_copy(copy, NULL, 8);
    assert_string_equal(copy, "");
}

static int sign(int value) {
    return (value > 0) - (value < 0);
}

static void test_compare(void **state) {
    (void)state;
    char a[80], b[80];
    uint64_t seed = 362436069362436069;
    for (int i = 0; i < 50000; i++) {
        uint64_t a_shift = next_random(&seed) % 8;
        uint64_t b_shift = next_random(&seed) % 8;
        some_text(&seed, "ab\xe4", 60, a + a_shift);
        strcpy(b + b_shift, a + a_shift);
        // Mostly alike.
        b[b_shift + next_random(&seed) % 60] ^= (char)(next_random(&seed) % 3);
        b[b_shift + 60] = 0;
        uint64_t most = next_random(&seed) % 70;
        assert_int_equal(mct_string_compare(a + a_shift, b + b_shift, most),
                         sign(strncmp(a + a_shift, b + b_shift, most)));
    }
    assert_int_equal(mct_string_compare(NULL, "", 9), 0);
    assert_int_equal(mct_string_compare(NULL, "a", 9), -1);
    assert_int_equal(mct_string_compare("a", NULL, 9), 1);
}

// Nothing is read from a page on which no part of the text lies.
static void test_page_end(void **state) {
    (void)state;
    static const char letters[] = "abcdefghijklmnopqrst";
    for (uint64_t len = 1; len < sizeof letters; len++) {
        char *text = at_page_end(&letters[sizeof letters - len], len);
        char *open = at_page_end(letters, len);
        assert_int_equal(mct_text_len(text, 100), len - 1);
        assert_int_equal(mct_text_len(open, len), len);
        char other[32];
        memcpy(other, text, len);
        assert_int_equal(mct_string_compare(text, other, 100), 0);
        assert_int_equal(mct_string_compare(other, text, 100), 0);
        assert_int_equal(mct_string_compare(open, open, len), 0);
    }
}

static void test_join(void **state) {
    (void)state;
    char a[80], b[80], both[160];
    struct mct_firing firing;
    uint64_t seed = 521288629521288629;
    for (int i = 0; i < 10000; i++) {
        some_text(&seed, "abc", 50, a);
        some_text(&seed, "xyz", 50, b);
        sprintf(both, "%s%s", a, b);
        check_text(mct_strjoin(enter(&firing), a, b), both);
        assert_int_equal(mct_strlen(&firing, both),
                         strlen(both) < STRSIZE ? strlen(both) : STRSIZE);
    }
}

static void test_case(void **state) {
    (void)state;
    char all[STRSIZE + 1], wanted[STRSIZE + 1];
    struct mct_firing firing;
    for (int from = 1; from + STRSIZE < 256; from++) {
        for (int i = 0; i < STRSIZE; i++)
            all[i] = (char)(from + i);
        all[STRSIZE] = 0;
        for (int i = 0; i <= STRSIZE; i++)
            wanted[i] = all[i] >= 'A' && all[i] <= 'Z' ? all[i] + 32 : all[i];
        check_text(mct_tolower(enter(&firing), all), wanted);
        for (int i = 0; i <= STRSIZE; i++)
            wanted[i] = all[i] >= 'a' && all[i] <= 'z' ? all[i] - 32 : all[i];
        check_text(mct_toupper(&firing, all), wanted);
    }
}

static void test_null(void **state) {
    (void)state;
    struct mct_firing firing;
#define FAULTS(call)                                                           \
    call;                                                                      \
    check_fault(&firing, MCT_FAULT_BADADDR, 0)
    struct mct_firing *f = &firing;
    FAULTS(mct_strlen(enter(f), NULL));
    FAULTS(mct_strjoin(enter(f), NULL, "a"));
    FAULTS(mct_strjoin(enter(f), "a", NULL));
    FAULTS(mct_substr(enter(f), NULL, 0, 1));
    FAULTS(mct_tolower(enter(f), NULL));
    FAULTS(mct_toupper(enter(f), NULL));
    FAULTS(mct_index(enter(f), NULL, "a", 0));
    FAULTS(mct_rindex(enter(f), "a", NULL, 0));
    FAULTS(mct_strchr(enter(f), NULL, 'a'));
    FAULTS(mct_strrchr(enter(f), NULL, 'a'));
    FAULTS(mct_strstr(enter(f), "a", NULL));
    FAULTS(mct_basename(enter(f), NULL));
    FAULTS(mct_dirname(enter(f), NULL));
    FAULTS(mct_cleanpath(enter(f), NULL));
    FAULTS(mct_strtoll(enter(f), NULL, 10));
    FAULTS(mct_inet_ntoa(enter(f), 0));
    FAULTS(mct_inet_ntoa6(enter(f), 0, 0));
    FAULTS(mct_inet_ntop(enter(f), 2, 0));
    FAULTS(mct_link_ntop(enter(f), 1, 0));
    FAULTS(mct_copyinstr(enter(f), 0, 9));
    FAULTS(mct_copyin(enter(f), 0, 9));
    FAULTS(mct_copyoutstr(enter(f), "a", 0, 9));
#undef FAULTS
}

// --- against perl and python ---

// Lines of a program's output, split at tabs.
static bool next_case(FILE *from, char *line, char *fields[], int count) {
    if (!fgets(line, 1000, from))
        return false;
    line[strcspn(line, "\n")] = 0;
    for (int i = 0; i < count; i++) {
        fields[i] = line;
        line += strcspn(line, "\t");
        assert_true(*line == '\t' || i == count - 1);
        if (*line)
            *line++ = 0;
    }
    return true;
}

static const char perl_cases[] =
    "perl -e 'srand 1; "
    "sub text { join \"\", map { (\"a\", \"b\")[rand 2] } 1..rand $_[0] } "
    "sub n { (-99, -(1 << 60), 1 << 60)[rand 50] // int(rand 120) - 60 } "
    "for (1..20000) { "
    "$s = text(60); $t = text(rand 5); $i = n(); $n = n(); "
    "$k = substr($s, 0, 40); "
    "print join(\"\\t\", $s, $t, $i, $n, substr($k, $i, $n) // \"\", "
    "substr($k, $i) // \"\", index($k, $t, $i), rindex($k, $t, $i), "
    "rindex($k, $t)), \"\\n\" }'";

static void test_perl(void **state) {
    (void)state;
    char line[1000], *f[9];
    struct mct_firing firing;
    int count = 0;
    FILE *perl = popen(perl_cases, "r");
    assert_non_null(perl);
    for (; next_case(perl, line, f, 9); count++) {
        int64_t i = strtoll(f[2], NULL, 10), n = strtoll(f[3], NULL, 10);
        check_text(mct_substr(enter(&firing), f[0], i, n), f[4]);
        check_text(mct_substr(&firing, f[0], i, INT64_MAX), f[5]);
        assert_int_equal(mct_index(&firing, f[0], f[1], i), atoi(f[6]));
        assert_int_equal(mct_rindex(&firing, f[0], f[1], i), atoi(f[7]));
        assert_int_equal(mct_rindex(&firing, f[0], f[1], INT64_MAX),
                         atoi(f[8]));
        assert_int_equal(firing.fault, 0);
    }
    assert_int_equal(pclose(perl), 0);
    assert_int_equal(count, 20000);
}

static const char python_cases[] =
    "python3 -c '\n"
    "import posixpath, random\n"
    "random.seed(1)\n"
    "for i in range(20000):\n"
    "    path = \"\".join(random.choices(\"//..ab\", k=random.randrange(50)))\n"
    "    kept = path[:40]\n"
    "    if kept.startswith(\"//\"): kept = \"/\" + kept.lstrip(\"/\")\n"
    "    print(path, posixpath.normpath(kept) if kept else \"\", sep=\"\\t\")\n"
    "'";

static void test_paths(void **state) {
    (void)state;
    char line[1000], *f[2], kept[STRSIZE + 1];
    struct mct_firing firing;
    int count = 0;
    FILE *python = popen(python_cases, "r");
    assert_non_null(python);
    for (; next_case(python, line, f, 2); count++) {
        check_text(mct_cleanpath(enter(&firing), f[0]), f[1]);
        *kept = 0;
        strncat(kept, f[0], STRSIZE);
        check_text(mct_basename(&firing, f[0]), basename(kept));
        *kept = 0;
        strncat(kept, f[0], STRSIZE);
        // The C library distinguishes "//", as POSIX allows.
        const char *wanted = dirname(kept);
        check_text(mct_dirname(&firing, f[0]),
                   strcmp(wanted, "//") == 0 ? "/" : wanted);
        assert_int_equal(firing.fault, 0);
    }
    assert_int_equal(pclose(python), 0);
    assert_int_equal(count, 20000);
}

static const char *const paths[][4] = {
    // path, basename, dirname, cleanpath
    {"", ".", ".", ""},          {".", ".", ".", "."},
    {"/", "/", "/", "/"},        {"////", "/", "/", "/"},
    {"/.//", ".", "/", "/"},     {".//", ".", ".", "."},
    {"a/..", "..", "a", "."},    {"a/../../b", "b", "a/../..", "../b"},
    {"/../a", "a", "/..", "/a"}, {"..", "..", ".", ".."},
    {"/a/b/", "b", "/a", "/a/b"}};

static void test_known_paths(void **state) {
    (void)state;
    struct mct_firing firing;
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        check_text(mct_basename(enter(&firing), paths[i][0]), paths[i][1]);
        check_text(mct_dirname(&firing, paths[i][0]), paths[i][2]);
        check_text(mct_cleanpath(&firing, paths[i][0]), paths[i][3]);
    }
}

// --- searching ---

static void check_found(const char *is, const char *wanted) {
    if (wanted)
        check_text(is, wanted);
    else
        assert_null(is);
}

static void test_search(void **state) {
    (void)state;
    char text[80], part[8], kept[STRSIZE + 1];
    struct mct_firing firing;
    uint64_t seed = 777777777777;
    for (int i = 0; i < 20000; i++) {
        some_text(&seed, "abcd", 60, text);
        some_text(&seed, "abcd", 3, part);
        *kept = 0;
        strncat(kept, text, STRSIZE);
        int c = "abcde"[next_random(&seed) % 5];
        check_found(mct_strchr(enter(&firing), text, c), strchr(kept, c));
        check_found(mct_strrchr(&firing, text, c + 256), strrchr(kept, c));
        check_found(mct_strstr(&firing, text, part), strstr(kept, part));
    }
    assert_null(mct_strchr(&firing, "abc", 0));
    assert_null(mct_strrchr(&firing, "abc", 0));
    assert_int_equal(firing.fault, 0);
}

static void test_strtok(void **state) {
    (void)state;
    struct mct_firing firing;
    thread = (struct mct_thread){.depth = 0};
    assert_null(mct_strtok(enter(&firing), NULL, ","));
    check_fault(&firing, MCT_FAULT_BADADDR, 0);
    assert_null(mct_strtok(enter(&firing), "a", NULL));
    check_fault(&firing, MCT_FAULT_BADADDR, 0);

    // Its state lasts, whatever becomes of the clause.
    char list[] = ",,carrots,,barley;oats,,";
    check_text(mct_strtok(enter(&firing), list, ","), "carrots");
    memset(list, 'x', sizeof list - 1);
    check_text(mct_strtok(enter(&firing), NULL, ";"), ",,barley");
    // What ended a token may be part of the next.
    check_text(mct_strtok(enter(&firing), NULL, "x,"), ";oats");
    assert_null(mct_strtok(enter(&firing), NULL, ","));
    assert_null(mct_strtok(enter(&firing), NULL, ","));
    check_text(mct_strtok(enter(&firing), "foo", ""), "foo");
    assert_null(mct_strtok(enter(&firing), "", ""));
    assert_int_equal(firing.fault, 0);

    char text[80], delimiters[8];
    uint64_t seed = 31415926535897;
    for (int i = 0; i < 5000; i++) {
        some_text(&seed, "ab,;\xfe", 60, text);
        const char *from = text, *end = text + strnlen(text, STRSIZE);
        while (1) {
            some_text(&seed, ",;\xfe", 3, delimiters);
            const char *is = mct_strtok(enter(&firing),
                                        from == text ? text : NULL, delimiters);
            char rest[STRSIZE + 1] = "";
            strncat(rest, from, (size_t)(end - from));
            size_t skip = strspn(rest, delimiters);
            size_t len = strcspn(rest + skip, delimiters);
            if (len == 0) {
                assert_null(is);
                break;
            }
            rest[skip + len] = 0;
            check_text(is, rest + skip);
            from += skip + len;
        }
    }
}

// --- numbers ---

static void test_numbers(void **state) {
    (void)state;
    char text[80];
    struct mct_firing firing;
    uint64_t seed = 1618033988749895;
    for (int i = 0; i < 20000; i++) {
        int64_t value = (int64_t)(next_random(&seed) >> i % 64);
        sprintf(text, "%lld", (long long)value);
        check_text(mct_lltostr(enter(&firing), value, 10), text);
        assert_int_equal(mct_strtoll(&firing, text, 10), value);
        sprintf(text, "0x%llx", (long long)value);
        check_text(mct_lltostr(&firing, value, 16), text);
        assert_int_equal(mct_strtoll(&firing, text, 16), value);
        sprintf(text, "%#llo", (long long)value);
        check_text(mct_lltostr(&firing, value, 8), text);
        int64_t base = 7 + (int64_t)(next_random(&seed) % 30);
        const char *shown = mct_lltostr(&firing, value, base);
        assert_int_equal(mct_strtoll(&firing, shown, base), value);
        assert_int_equal(strtoull(shown, NULL, (int)base), value);
    }
    check_text(mct_lltostr(&firing, INT64_MIN, 10), "-9223372036854775808");
    check_text(mct_lltostr(&firing, 0, 16), "0x0");
    check_text(mct_lltostr(&firing, 0, 8), "0");
    // 64 digits do not fit.
    check_text(mct_lltostr(&firing, INT64_MIN, 2),
               "1000000000000000000000000000"
               "000000000000");
    assert_int_equal(mct_strtoll(&firing, " \t-12z", 10), -12);
    assert_int_equal(mct_strtoll(&firing, "+0X1fg", 16), 31);
    assert_int_equal(mct_strtoll(&firing, "0x", 16), 0);
    assert_int_equal(mct_strtoll(&firing, "- 1", 10), 0);
    assert_int_equal(mct_strtoll(&firing, "zZ", 36), 35 * 36 + 35);
    assert_int_equal(firing.fault, 0);
    mct_lltostr(enter(&firing), 1, 1);
    check_fault(&firing, MCT_FAULT_ILLOP, 0);
    mct_strtoll(enter(&firing), "1", 37);
    check_fault(&firing, MCT_FAULT_ILLOP, 0);
}

static void test_orders(void **state) {
    (void)state;
    uint64_t seed = 2718281828459045;
    for (int i = 0; i < 1000; i++) {
        uint64_t value = next_random(&seed);
        assert_int_equal(mct_htons(value), htons((uint16_t)value));
        assert_int_equal(mct_ntohs(value), ntohs((uint16_t)value));
        assert_int_equal(mct_htonl(value), htonl((uint32_t)value));
        assert_int_equal(mct_ntohl(value), ntohl((uint32_t)value));
        assert_int_equal(mct_htonll(value), __builtin_bswap64(value));
        assert_int_equal(mct_ntohll(mct_htonll(value)), value);
    }
    assert_int_equal(mct_getmajor(0xffffffff12345678), 0x123);
    assert_int_equal(mct_getminor(0xffffffff12345678), 0x45678);
}

// Each value of every four bits comes about as often.
static void test_rand(void **state) {
    (void)state;
    enum { CALLS = 64000 };
    int counts[8][16] = {{0}};
    for (int i = 0; i < CALLS; i++) {
        uint32_t value = mct_rand();
        for (int k = 0; k < 8; k++)
            counts[k][value >> 4 * k & 15]++;
    }
    for (int k = 0; k < 8; k++)
        for (int value = 0; value < 16; value++)
            assert_in_range(counts[k][value], CALLS / 16 * 9 / 10,
                            CALLS / 16 * 11 / 10);
}

// --- addresses of networks ---

static void some_address(uint64_t *seed, uint8_t bytes[16]) {
    for (int i = 0; i < 16; i++)
        bytes[i] = (uint8_t)next_random(seed);
    // Zeroes that are worth leaving out.
    uint64_t zeroes = next_random(seed);
    for (int i = 0; i < 8; i++)
        if (zeroes >> i & 1)
            bytes[2 * i] = bytes[2 * i + 1] = 0;
        else if (zeroes >> (8 + i) & 1)
            bytes[2 * i] = 0;
}

static void test_inet(void **state) {
    (void)state;
    uint8_t bytes[16];
    char wanted[64];
    struct mct_firing firing;
    uint64_t seed = 1414213562373095;
    for (int i = 0; i < 50000; i++) {
        some_address(&seed, bytes);
        if (i % 8 == 0)
            memset(bytes, 0, 10);
        if (i % 16 == 0)
            memset(bytes + 10, 0xff, 2);
        uint64_t at = (uint64_t)bytes;
        inet_ntop(AF_INET, bytes, wanted, sizeof wanted);
        check_text(mct_inet_ntoa(enter(&firing), at), wanted);
        check_text(mct_inet_ntop(&firing, AF_INET, at), wanted);
        inet_ntop(AF_INET6, bytes, wanted, sizeof wanted);
        // The C library takes ::1234 for no IPv4 address.
        static const uint8_t zeroes[14];
        if (memcmp(bytes, zeroes, 14) == 0 && (bytes[14] != 0 || bytes[15] > 1))
            sprintf(wanted, "::0.0.%d.%d", bytes[14], bytes[15]);
        check_text(mct_inet_ntop(&firing, AF_INET6, at), wanted);
        check_text(mct_inet_ntoa6(&firing, at, 42), wanted);
        const char *quad = strrchr(wanted, ':') + 1;
        check_text(mct_inet_ntoa6(&firing, at, 0),
                   strchr(quad, '.') ? quad : wanted);
    }
    assert_int_equal(firing.fault, 0);
    mct_inet_ntop(&firing, 3, (uint64_t)bytes);
    check_fault(&firing, MCT_FAULT_ILLOP, 0);
}

static void test_link(void **state) {
    (void)state;
    static const uint8_t bytes[20] = {0,    1,    0x2a, 0xff, 0xa0, 9,
                                      0xbc, 0xde, 0x80, 0x7f, 0x11};
    struct mct_firing firing;
    uint64_t at = (uint64_t)bytes;
    check_text(mct_link_ntop(enter(&firing), 1, at), "00:01:2a:ff:a0:09");
    check_text(mct_link_ntop(&firing, 32, at),
               "00:01:2a:ff:a0:09:bc:de:80:7f:11:00:00:00:00:00:00:00:00:00");
    mct_link_ntop(&firing, 2, at);
    check_fault(&firing, MCT_FAULT_ILLOP, 0);
}

// --- memory ---

static void test_alloca(void **state) {
    (void)state;
    struct mct_firing firing;
    uint64_t first = mct_alloca(enter(&firing), 0);
    assert_int_equal(mct_alloca(&firing, 0), first);
    uint64_t one = mct_alloca(&firing, 9), two = mct_alloca(&firing, 1);
    assert_int_equal(one, first);
    assert_int_equal(one % 8, 0);
    assert_int_equal(two, one + 16);
    for (int i = 0; i < 24; i++)
        assert_int_equal(((uint8_t *)one)[i], 0);
    // All that was handed out, and what is no memory of alloca().
    assert_true(mct_may_access(&firing, one, 24));
    assert_true(mct_may_access(&firing, two + 7, 1));
    assert_true(mct_may_access(&firing, (uint64_t)&firing, 8));
    assert_true(mct_may_access(&firing, (uint64_t)firing.scratch, 8));
    assert_false(mct_may_access(&firing, two + 8, 1));
    assert_false(mct_may_access(&firing, two, 9));
    assert_false(mct_may_access(&firing, one - 1, 2));
    assert_false(mct_may_access(&firing, one - ALLOCA_LEN, 1));
    assert_false(mct_may_access(&firing, (uint64_t)firing.scratch - 1, 2));
    assert_false(mct_may_access(&firing, 8, UINT64_MAX - 8));
    assert_int_not_equal(mct_alloca(&firing, ALLOCA_LEN - 24), 0);
    assert_int_equal(firing.fault, 0);
    assert_int_equal(mct_alloca(&firing, 1), 0);
    check_fault(&firing, MCT_FAULT_NOSCRATCH, 0);
    mct_alloca(enter(&firing), UINT64_MAX);
    check_fault(&firing, MCT_FAULT_NOSCRATCH, 0);
}

static void test_copyin(void **state) {
    (void)state;
    struct mct_firing firing;
    char *end = at_page_end("0123456789", 10);
    uint64_t at = (uint64_t)end;
    uint64_t to = mct_copyin(enter(&firing), at, 10);
    assert_int_equal(firing.fault, 0);
    assert_memory_equal((char *)to, "0123456789", 10);
    mct_copyinto(&firing, at + 4, 6, to);
    mct_bcopy(&firing, to + 4, to + 15, 1);
    assert_int_equal(firing.fault, 0);
    assert_memory_equal((char *)to, "4567896789", 10);
    assert_int_equal(*(char *)(to + 15), '8');
    mct_copyin(enter(&firing), at, 11);
    check_fault(&firing, MCT_FAULT_BADADDR, at);
    mct_copyin(enter(&firing), at, ALLOCA_LEN + 1);
    check_fault(&firing, MCT_FAULT_BADSIZE, ALLOCA_LEN + 1);
    // The destination is memory of alloca() and stays within it.
    to = mct_alloca(enter(&firing), 8);
    mct_bcopy(&firing, at, to + 1, 8);
    check_fault(&firing, MCT_FAULT_BADADDR, to + 1);
    mct_bcopy(enter(&firing), at, at, 1);
    check_fault(&firing, MCT_FAULT_BADADDR, at);
    // So does the source.
    to = mct_alloca(enter(&firing), 16);
    mct_bcopy(&firing, to + 9, to, 8);
    check_fault(&firing, MCT_FAULT_BADADDR, to + 9);
}

static void test_copyinstr(void **state) {
    (void)state;
    struct mct_firing firing;
    char text[200];
    memset(text, 'x', sizeof text);
    check_text(mct_copyinstr(enter(&firing), (uint64_t)text, 8), "xxxxxxx");
    // The terminating byte counts.
    const char *full = mct_copyinstr(&firing, (uint64_t)text, UINT64_MAX);
    assert_int_equal(strlen(full), STRSIZE - 1);
    full = mct_read_string(&firing, (uint64_t)text, UINT64_MAX);
    assert_int_equal(strlen(full), STRSIZE);
    // Of memory of alloca() it must not leave what was handed out.
    char *own = (char *)mct_alloca(enter(&firing), 8);
    memcpy(own, "abcdefgh", 9);
    mct_read_string(&firing, (uint64_t)own, 9);
    check_fault(&firing, MCT_FAULT_BADADDR, (uint64_t)own);
    firing.fault = 0;
    check_text(mct_read_string(&firing, (uint64_t)own, 8), "abcdefgh");
    own[7] = 0;
    check_text(mct_read_string(&firing, (uint64_t)own, 9), "abcdefg");
    mct_read_string(&firing, (uint64_t)own + 8, 9);
    check_fault(&firing, MCT_FAULT_BADADDR, (uint64_t)own + 8);
    for (uint64_t len = 1; len < STRSIZE - 1; len++) {
        char *end = at_page_end(text, len);
        mct_copyinstr(enter(&firing), (uint64_t)end, UINT64_MAX);
        check_fault(&firing, MCT_FAULT_BADADDR, (uint64_t)end);
        // As far as it may look, it is there.
        const char *part =
            mct_copyinstr(enter(&firing), (uint64_t)end, len + 1);
        assert_int_equal(strlen(part), len);
        assert_memory_equal(part, text, len);
    }
}

static void test_copyout(void **state) {
    (void)state;
    struct mct_firing firing;
    char to[200], from[200];
    for (uint64_t i = 0; i < sizeof from; i++)
        from[i] = (char)i;
    for (uint64_t len = 0; len < 190; len += 9) {
        memset(to, '-', sizeof to);
        mct_copyout(enter(&firing), (uint64_t)from, (uint64_t)to, len);
        assert_memory_equal(to, from, len);
        assert_int_equal(to[len], '-');
    }
    mct_copyoutstr(&firing, "hello", (uint64_t)to, 3);
    assert_memory_equal(to, "hel", 3);
    assert_int_equal(to[3], 3);
    mct_copyoutstr(&firing, "hello", (uint64_t)to, 100);
    assert_memory_equal(to, "hello", 6);
    assert_int_equal(to[6], 6);
    assert_int_equal(firing.fault, 0);
    char *end = at_page_end(from, 100);
    assert_int_equal(mprotect(end + 100 - PAGE, PAGE, PROT_READ), 0);
    mct_copyout(&firing, (uint64_t)from, (uint64_t)end, 1);
    check_fault(&firing, MCT_FAULT_BADADDR, (uint64_t)end);
    mct_copyout(enter(&firing), (uint64_t)end, (uint64_t)to, 101);
    check_fault(&firing, MCT_FAULT_BADADDR, (uint64_t)end);
    mct_copyoutstr(enter(&firing), "a", (uint64_t)end, 1);
    check_fault(&firing, MCT_FAULT_BADADDR, (uint64_t)end);
}

static void test_no_scratch(void **state) {
    (void)state;
    struct mct_firing firing;
    enter(&firing);
    for (int i = 0; i < SCRATCH_LEN / 8; i++)
        assert_non_null(mct_strjoin(&firing, "a", "b"));
    assert_null(mct_strjoin(&firing, "a", "b"));
    check_fault(&firing, MCT_FAULT_NOSCRATCH, 0);
}

// --- speculations ---

static void test_speculations(void **state) {
    (void)state;
    struct mct_firing firing;
    uint64_t tags[NSPEC + 1];
    const uint64_t *failed = &MCT_HEADER->drops[MCT_DROP_SPECULATION];
    enter(&firing);
    // None is handed out yet.
    assert_int_equal(mct_speculate(&firing, 0, 10), 0);
    assert_int_equal(mct_speculate(&firing, NSPEC, 10), 0);
    assert_int_equal(mct_speculation_end(&firing, 1), 0);
    for (int i = 1; i <= NSPEC; i++) {
        assert_int_equal(mct_speculation(), i);
        tags[i] = mct_speculate(&firing, i, 10);
        for (int k = 1; k < i; k++)
            assert_int_not_equal(tags[i], tags[k]);
        assert_int_equal(mct_speculate(&firing, i, 10), tags[i]);
    }
    assert_int_equal(*failed, 0);
    assert_int_equal(mct_speculation(), 0);
    assert_int_equal(*failed, 1);
    // What was given back comes again, under another tag.
    for (int i = NSPEC; i > 0; i--) {
        assert_int_equal(mct_speculation_end(&firing, i), tags[i]);
        assert_int_equal(mct_speculation_end(&firing, i), 0);
        assert_int_equal(mct_speculate(&firing, i, 10), 0);
    }
    assert_int_equal(mct_speculation(), 1);
    assert_int_equal(mct_speculation(), 2);
    for (int i = 1; i <= NSPEC; i++)
        assert_int_not_equal(mct_speculate(&firing, 1, 10), tags[i]);
    // specsize bounds it.
    uint64_t *full = &MCT_HEADER->drops[MCT_DROP_SPECULATIVE];
    assert_int_not_equal(mct_speculate(&firing, 2, 100), 0);
    assert_int_equal(*full, 0);
    assert_int_equal(mct_speculate(&firing, 2, 1), MCT_SPECULATION_FULL);
    assert_int_equal(*full, 1);
    assert_int_equal(mct_speculate(&firing, 2, 101), 0); // none holds it
    assert_int_equal(*full, 2);
    mct_speculation_end(&firing, 1);
    assert_int_equal(mct_speculation(), 1);
    assert_int_equal(mct_speculation_end(&firing, 0), 0);
    assert_int_equal(firing.fault, 0);
    mct_speculate(&firing, NSPEC + 1, 10);
    check_fault(&firing, MCT_FAULT_ILLOP, 0);
    mct_speculation_end(enter(&firing), -1);
    check_fault(&firing, MCT_FAULT_ILLOP, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_length_and_copy),
        cmocka_unit_test(test_compare),
        cmocka_unit_test(test_page_end),
        cmocka_unit_test(test_join),
        cmocka_unit_test(test_case),
        cmocka_unit_test(test_null),
        cmocka_unit_test(test_perl),
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_known_paths),
        cmocka_unit_test(test_search),
        cmocka_unit_test(test_strtok),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_orders),
        cmocka_unit_test(test_rand),
        cmocka_unit_test(test_inet),
        cmocka_unit_test(test_link),
        cmocka_unit_test(test_alloca),
        cmocka_unit_test(test_copyin),
        cmocka_unit_test(test_copyinstr),
        cmocka_unit_test(test_copyout),
        cmocka_unit_test(test_no_scratch),
        cmocka_unit_test(test_speculations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
