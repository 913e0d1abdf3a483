# Forked children where the system does not wipe memory for them: an old kernel
# refuses to, an emulator says yes and does not.
. "$TOP/tests/lib.sh"
need gcc

cat >no_advice.c <<'EOF2'
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
// no_advice ERROR LEAST COMMAND...: no advice of that number or above is
// followed, and the answer is the error.
#define FIELD(name, off)                                                       \
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, name) + off)
int main(int argc, char **argv) {
    struct sock_filter filter[] = {
        FIELD(nr, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_madvise, 0, 3),
        FIELD(args[2], 0),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, (unsigned)atoi(argv[2]), 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)atoi(argv[1])),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
    if (argc < 4 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
        return 126;
    execvp(argv[3], argv + 3);
    return 127;
}
EOF2
gcc -O1 -o no_advice no_advice.c
./no_advice 22 18 true
if [ $? -eq 126 ]; then
    skip all "no seccomp filters"
    exit 0
fi

cat >family.c <<'EOF2'
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
__attribute__((noinline)) int work(int n) {
    __asm__ volatile("");
    return n + 1;
}
static void wait_for(pid_t child) {
    int status;
    if (waitpid(child, &status, 0) != child || status != 0)
        exit(1);
}
static pid_t borrow(int n) {
    pid_t child = vfork();
    if (child == 0) {
        work(n);
        execl("/bin/true", "true", (char *)0);
        _exit(127);
    }
    return child;
}
static void generation(int n) {
    work(10 * n);
    if (n == 3)
        return;
    pid_t child = fork();
    if (child == 0) {
        // Where the parent has pages that a child is not given.
        for (int i = 0; i < 64; i++)
            mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        generation(n + 1);
        exit(0);
    }
    wait_for(child);
    work(10 * n + 1);
    wait_for(borrow(10 * n + 2));
    work(10 * n + 3);
}
int main(void) {
    generation(1);
    puts("done");
    return 0;
}
EOF2
gcc -O1 -o family family.c

instrument ./family '#pragma D option quiet
pid$target:a.out:work:entry {
    printf("%d is call %d of %s\n", arg0, ++self->calls,
           strjoin("this ", "process"));
    @ = count();
}
tick-1hour { }
END { printf("%d at the end\n", self->calls); }'
# Told from a forked child, one of vfork() goes on as its parent.
cat >expected <<'EOF2'
10 is call 1 of this process
20 is call 1 of this process
30 is call 1 of this process
21 is call 2 of this process
22 is call 3 of this process
23 is call 4 of this process
11 is call 2 of this process
12 is call 3 of this process
13 is call 4 of this process
4 at the end

                9
EOF2
# run NAME COMMAND...: what was recorded is as expected, and all of it.
run() {
    rm -f family.data
    timeout 60 "${@:2}" ./family.inst >out 2>said
    is "$1/status" 0 $?
    is "$1/out" done "$(cat out said)"
    extract family --format=text >shown 2>said
    is "$1/said" "" "$(cat said)"
    is "$1/shown" "" "$(diff -b expected shown)"
}
run wiped env
run refused ./no_advice 22 18
# Who takes no advice has to run vfork() as fork().
sed -i 's/^\([12]2 is call\) ./\1 1/; s/^\([12]3 is call\) ./\1 3/
    s/^4 at/3 at/' expected
run ignored ./no_advice 0 10

# Functions fire for the process that is traced alone.
# traced NAME COMMAND...
traced() {
    rm -f shown
    timeout 60 "${@:2}" "$MCTRACE" trace -qo shown -c ./family -n '
        pid$target:a.out:work:entry { @[arg0] = count(); }' >out 2>said
    is "$1/status" 0 $?
    is "$1/said" "" "$(cat said)"
    is "$1/shown" "10 1 11 1 13 1" "$(tr -s ' \n' ' ' <shown | sed 's/^ //; s/ $//')"
}
traced traced_wiped env
traced traced_refused ./no_advice 22 18
traced traced_ignored ./no_advice 0 10
