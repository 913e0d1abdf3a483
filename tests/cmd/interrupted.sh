# Signal handlers with probes that interrupt clauses anywhere: each record is
# there, or its loss is told.
. "$TOP/tests/lib.sh"
need gcc

cat >alarms.c <<'EOF2'
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
static long total, alarms, jumps;
static sigjmp_buf back;
__attribute__((noinline)) long hit(long i) {
    __asm__ volatile("");
    return i * 3;
}
__attribute__((noinline)) long alarmed(long i) {
    __asm__ volatile("");
    return i * 5;
}
static void on_alarm(int number) {
    total += alarmed(number);
    alarms++;
    if (jumps > 0) {
        jumps--;
        siglongjmp(back, 1);
    }
}
// How often the file is mapped.
static int mappings(const char *name) {
    char line[4096];
    int count = 0;
    FILE *maps = fopen("/proc/self/maps", "r");
    while (fgets(line, sizeof line, maps))
        count += strstr(line, name) != NULL;
    fclose(maps);
    return count;
}
// alarms HITS JUMPS FILE: how many hits, and how many handlers jump out.
int main(int argc, char **argv) {
    struct sigaction action = {.sa_handler = on_alarm, .sa_flags = SA_NODEFER};
    struct itimerval often = {{0, 50}, {0, 50}}, never = {0};
    long volatile i = 0;
    jumps = argc > 2 ? atol(argv[2]) : 0;
    sigaction(SIGALRM, &action, NULL);
    sigsetjmp(back, 1);
    setitimer(ITIMER_REAL, &often, NULL);
    while (i < atol(argv[1])) {
        i++;
        total += hit(i);
    }
    setitimer(ITIMER_REAL, &never, NULL);
    printf("alarms %ld\n", alarms);
    if (argc > 3)
        printf("mappings %d\n", mappings(argv[3]));
    return total == 0;
}
EOF2
gcc -O1 -o alarms alarms.c
# clauses TARGET
clauses() {
    echo "pid$1:a.out:hit:entry { printf(\"hit %d\n\", arg0); @ = count(); }
        pid$1:a.out:alarmed:entry { printf(\"alarm %d\n\", ++self->count); }"
}
# check NAME: ./$NAME.shown is what was recorded, ./out what the program said.
check() {
    is "$1/said" "" "$(cat "$1.said")"
    is "$1/hits" 300000 "$(grep -c '^hit' "$1.shown")"
    is "$1/alarms" "$(cat out)" "alarms $(grep -c '^alarm' "$1.shown")"
    is "$1/counted" 300000 "$(tail -1 "$1.shown" | tr -d ' ')"
}
timeout 60 "$MCTRACE" trace -qo traced.shown -c './alarms 300000' \
    -n "$(clauses '$target')" >traced.out 2>traced.said
grep alarms traced.out >out
check traced

# Where nobody reads meanwhile, chunks are used again.
instrument ./alarms "#pragma D option quiet
$(clauses 1)"
./alarms.inst 300000 >out
extract alarms --format=text >recorded.shown 2>recorded.said
check recorded

# Who jumps out of a handler ends the clause that it interrupted.
rm alarms.data
./alarms.inst 300000 2000 >out
extract alarms --format=text >jumped.shown 2>jumped.said
unfinished=$(sed -n 's/.*warning: \([0-9]*\) records\{0,1\} .*/\1/p' jumped.said)
hits=$(grep -c '^hit' jumped.shown)
is jumped/counted true "$([ $((hits + ${unfinished:-0})) -ge \
    "$(tail -1 jumped.shown | tr -d ' ')" ] && echo true)"
is jumped/alarms "$(cat out)" "alarms $(grep -c '^alarm' jumped.shown)"

# What they leave unfinished keeps no memory from being used again later.
rm alarms.data
./alarms.inst 3000000 40 alarms.data >out
extract alarms --format=text >left.shown 2>left.said
is left/alarms "$(sed -n 1p out)" "alarms $(grep -c '^alarm' left.shown)"
is left/dropped "" "$(grep drop left.said)"
is left/mappings true "$(sed -n 's/mappings //p' out |
    { read -r n && [ "$n" -lt 50 ] && echo true; })"

# Nor does it end what others go on with: walks of the stack, elements of arrays.
instrument ./alarms '
#pragma D option quiet
pid$target:a.out:hit:entry { @[ustack(2)] = count(); a[arg0 % 7] = 1; a[arg0 % 7] = 0; }'
./alarms.inst 1000000 2000 >out
extract alarms --format=text >walked.shown 2>walked.said
is walked/stacks true "$(awk '/`hit$/ { hit = 1 } hit && NF == 1 && $1 ~ /^[0-9]+$/ &&
    $1 > 990000 { found = 1 } END { if (found) print "true" }' walked.shown)"
drops=$(sed -n 's/.*: \([0-9]*\) dynamic variable drops*$/\1/p' walked.said)
is walked/arrays true "$([ "${drops:-0}" -lt 5000 ] && echo true)"

# Handlers on a stack of their own, above the one that they interrupt: each of
# the two clauses keeps what it has.
cat >above.c <<'EOF2'
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
enum { SIZE = 256 << 10 };
static long alarms, total;
__attribute__((noinline)) long hit(const char *text) {
    __asm__ volatile("");
    return text[0];
}
__attribute__((noinline)) long alarmed(const char *text) {
    __asm__ volatile("");
    return text[0];
}
static void on_alarm(int number) {
    total += alarmed("alarm") + number;
    alarms++;
}
static void *run(void *stack) {
    stack_t alternate = {.ss_sp = stack, .ss_size = SIZE};
    sigset_t set;
    if ((uintptr_t)&set > (uintptr_t)stack)
        exit(77);
    sigaltstack(&alternate, NULL);
    sigemptyset(&set);
    sigaddset(&set, SIGALRM);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    for (long i = 0; i < 300000; i++)
        total += hit("hit");
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    return NULL;
}
int main(void) {
    void *stack = mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct sigaction action = {.sa_handler = on_alarm, .sa_flags = SA_ONSTACK};
    struct itimerval often = {{0, 50}, {0, 50}};
    pthread_t thread;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGALRM);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &often, NULL);
    pthread_create(&thread, NULL, run, stack);
    pthread_join(thread, NULL);
    printf("%ld\n", alarms);
    return total == 0;
}
EOF2
gcc -O1 -pthread -o above above.c
timeout 60 "$MCTRACE" trace -qo above.shown -c ./above -n '
pid$target:a.out:hit:entry, pid$target:a.out:alarmed:entry
{
    this->text = copyinstr(arg0);
    printf("%s %s\n", probefunc, strjoin(this->text, "!"));
}' >out 2>above.said
if [ $? -eq 77 ]; then
    skip above "the stacks lie the other way round"
else
    is above/said "" "$(cat above.said)"
    is above/hits 300000 "$(grep -c '^hit hit!$' above.shown)"
    is above/alarms "$(tr -d '\n' <out)" "$(grep -c '^alarmed alarm!$' above.shown)"
    is above/others 0 "$(sed '/^$/d' above.shown | grep -vc '^hit hit!$\|^alarmed alarm!$')"
fi

# A thread that is cancelled in the midst of added code is unwound from there.
cat >cancel.c <<'EOF2'
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>
static long total, cleaned;
__attribute__((noinline)) long hit(long n) {
    __asm__ volatile("" : "+r"(n));
    return n + 1;
}
static void clean(void *argument) {
    cleaned++;
    (void)argument;
}
static void *run(void *argument) {
    pthread_cleanup_push(clean, NULL);
    pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
    for (;;)
        total += hit(total);
    pthread_cleanup_pop(1);
    return argument;
}
int main(void) {
    for (int i = 0; i < 300; i++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, run, NULL))
            return 1;
        usleep(300);
        pthread_cancel(thread);
        pthread_join(thread, NULL);
    }
    printf("%ld\n", cleaned);
    return 0;
}
EOF2
gcc -O1 -w -pthread -o cancel cancel.c
instrument ./cancel '
#pragma D option quiet
pid$target:a.out:hit:entry
{
    printf("%s %d\n", probefunc, arg0);
    @n[probefunc] = count();
    @k[arg0 % 17] = count();
    self->d++;
}
pid$target:a.out:hit:entry
{
    @u[ustack(5)] = count();
    this->s = probefunc;
    @l[strjoin(this->s, "!")] = count();
}'
./cancel.inst >out 2>&1
is cancel "300 0" "$(cat out) $?"
