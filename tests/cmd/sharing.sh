# Probes of functions are for the process, where somebody watches: not for its
# children, nor for one that has its memory while another thread goes on.
. "$TOP/tests/lib.sh"
need gcc

cat >sharing.c <<'EOF'
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#define PROBED __attribute__((noipa))
extern char **environ;
static int has_begun, may_end;
static char stack[65536];

PROBED int work(int n) { return n + 1; }
PROBED int other(int n) { return n + 1; }
PROBED int cloned(int n) { return n + 1; }

static void *turn(void *argument) {
    for (int i = 0; i < 1000; i++)
        other(i);
    __atomic_store_n(&has_begun, 1, __ATOMIC_SEQ_CST);
    while (!__atomic_load_n(&may_end, __ATOMIC_SEQ_CST))
        usleep(100);
    for (int i = 0; i < 1000; i++)
        other(i);
    return argument;
}

static int beside(void *argument) {
    work(2);
    (void)argument;
    return 0;
}

int main(void) {
    pthread_t thread;
    pid_t child;
    char *arguments[] = {"true", NULL};
    for (int i = 0; i < 5; i++) {
        if (vfork() == 0) {
            work(i);
            if (vfork() == 0) {
                work(i);
                _exit(0);
            }
            work(i);
            execl("/bin/true", "true", (char *)0);
            _exit(127);
        }
        work(i);
        wait(NULL);
    }
    pthread_create(&thread, NULL, turn, NULL);
    if (vfork() == 0) {
        while (!__atomic_load_n(&has_begun, __ATOMIC_SEQ_CST))
            work(0);
        __atomic_store_n(&may_end, 1, __ATOMIC_SEQ_CST);
        _exit(0);
    }
    pthread_join(thread, NULL);
    wait(NULL);
    clone(beside, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, NULL);
    cloned(0);
    wait(NULL);
    if (posix_spawn(&child, "/bin/true", NULL, NULL, arguments, environ) == 0)
        wait(NULL);
    cloned(1);
    if (system("true") != 0)
        return 1;
    cloned(2);
    if (fork() == 0) {
        work(3);
        if (vfork() == 0) {
            work(1);
            _exit(0);
        }
        work(1);
        _exit(0);
    }
    wait(NULL);
    return 0;
}
EOF

# count NAME SCRIPT: what it prints of the program.
count() {
    is "$1" "$3" "$("$MCTRACE" trace -qn "$2" -c ./sharing 2>&1 |
        sed '/^$/d; s/^ *//; s/  */ /g')"
}
for name in dynamic static; do
    flags=-pthread
    [ $name = static ] && flags="$flags -static"
    gcc -O1 -w $flags -o sharing sharing.c || exit 1
    # A counter at a fixed place, without a call.
    count "$name/counter" '
pid$target:a.out:work:entry, pid$target:a.out:other:entry,
pid$target:a.out:cloned:entry { @[probefunc] = count(); }' \
        "cloned 3
work 5
other 2000"
    # Records, and a key that is only known at run time.
    count "$name/keys" '
pid$target:a.out:work:entry, pid$target:a.out:cloned:return
{ @[pid - $target, arg0 < 5] = count(); }' "0 1 8"
    count "$name/records" '
pid$target:a.out:work:entry { printf("%d %d\n", pid - $target, arg0); }' \
        "0 0
0 1
0 2
0 3
0 4"
done
