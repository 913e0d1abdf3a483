# While a process is alone its counters need no lock; whatever gives it company
# is seen beforehand, and then every count is exact.
. "$TOP/tests/lib.sh"
need gcc
cat >work.h <<'END'
__attribute__((noipa)) static int work(int n) { return n + 1; }
static void *many(void *p) {
    for (int i = 0; i < 300000; i++)
        work(i);
    return p;
}
END
cat >helper.c <<'END'
#include <pthread.h>
void run_apart(void *(*f)(void *)) {
    pthread_t threads[3];
    for (int i = 0; i < 3; i++)
        pthread_create(&threads[i], 0, f, 0);
    f(0);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], 0);
}
END
cat >early.c <<'END'
#include <pthread.h>
#include <unistd.h>
static void *wait_on(void *p) {
    for (;;)
        pause();
    return p;
}
__attribute__((constructor)) static void begin(void) {
    pthread_t thread;
    pthread_create(&thread, 0, wait_on, 0);
}
END
gcc -O1 -shared -fPIC -o libhelper.so helper.c -lpthread
gcc -O1 -shared -fPIC -o libearly.so early.c -lpthread
script='pid$target:a.out:work:entry { @ = count(); }'

# build NAME CODE FLAGS...: a program of that code in main().
build() {
    printf '#include <unistd.h>\n#include <sys/wait.h>\n#include "work.h"
void run_apart(void *(*f)(void *));\nint main(void) { %s return 0; }\n' \
        "$2" >"$1.c"
    gcc -O1 -o "$1" "$1.c" "${@:3}" -Wl,-rpath,"$PWD" -lpthread
    instrument "./$1" "$script" --report=report.json ||
        fail "$1/instrument" "$(cat "$1.said")"
}

# Whether counting is locked by now: the header's `shared`.
shared() { od -An -tu4 -j156 -N4 "$1.data" | tr -d ' '; }

# The program's probes of MCTrace's own, by function.
armed() {
    value report.json '" ".join(sorted({s["function"] for s in j["sites"]
        if s["provider"] == "mctrace"}))'
}

build alone 'many(0);'
./alone.inst
is alone '{"@": 300000}' "$(extract alone)"
is alone-stays 0 "$(shared alone)"
LD_PRELOAD=$PWD/libearly.so ./alone.inst
is preloaded 1 "$(shared alone)"
is preloaded-count '{"@": 300000}' "$(extract alone)"

build child 'many(0); if (fork() == 0) { many(0); _exit(0); }
    many(0); wait(0);'
is child-armed fork "$(armed)"
./child.inst
is child '{"@": 900000}' "$(extract child)"
is child-shared 1 "$(shared child)"

# Threads that another library makes, at a call of the program.
build apart 'many(0); run_apart(many);' -L. -lhelper
is apart-armed run_apart "$(armed)"
./apart.inst
is apart '{"@": 1500000}' "$(extract apart)"
is apart-shared 1 "$(shared apart)"

# ... and before the program has begun.
build early 'many(0);' -L. -Wl,--no-as-needed -learly
./early.inst
is early '{"@": 300000}' "$(extract early)"
is early-shared 1 "$(shared early)"

# A pointer to such a function cannot be watched: locked from the start.
build pointer 'void (*volatile f)(void *(*)(void *)) = run_apart;
    many(0); f(many);' -L. -lhelper
is pointer-armed "" "$(armed)"
./pointer.inst
is pointer '{"@": 1500000}' "$(extract pointer)"
