# A thread that gives back its own stack before it ends: what needs a stack is
# not run there, and that is said; counters are.
. "$TOP/tests/lib.sh"
need musl-gcc

cat >leaves.c <<'EOF2'
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>
static void *run(void *argument) { return argument; }
int main(void) {
    for (int i = 0; i < 5; i++) {
        pthread_attr_t attributes;
        pthread_t thread;
        pthread_attr_init(&attributes);
        pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
        pthread_create(&thread, &attributes, run, NULL);
        usleep(10000);
    }
    return puts("over") < 0;
}
EOF2
musl-gcc -static -O1 -o leaves leaves.c

instrument ./leaves 'END { @ = count(); }'
same end ./leaves
is end/fires '{"@": 1}' "$(extract leaves)"
grep -q 'END will not fire on every way out: its thread may have given back' \
    leaves.said && ok end/said || fail end/said "$(cat leaves.said)"

instrument ./leaves 'syscall::exit:entry { @ = count(); }'
same counter ./leaves
is counter/all '{"@": 5}' "$(extract leaves)"

instrument ./leaves 'syscall::munmap:return, syscall::exit:entry { trace(tid); }
pid$target:a.out:: { @[probefunc] = count(); self->n++; }'
same everything ./leaves
