// Children that end by a signal of their own, one where there is no /proc.
#include "scenario.h"
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[] = "/tmp/mctrace-empty-XXXXXX";

static void child(int number) {
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    if (number == SIGHUP && chroot(folder) != 0)
        sync(); // whoever may not does it where he is
    kill(getpid(), number);
    _exit(1);
}

int main(void) {
    static const int numbers[] = {SIGKILL, SIGHUP, SIGQUIT};
    int status;
    if (!mkdtemp(folder))
        return 1;
    for (int i = 0; i < 3; i++) {
        pid_t id = fork();
        if (id == 0)
            child(numbers[i]);
        if (waitpid(id, &status, 0) != id || !WIFSIGNALED(status))
            return 1;
    }
    rmdir(folder);
    return 0;
}
// >>> options
// >>> cflags
// -D_GNU_SOURCE
// >>> script
// proc:::exit { @[args[0]] = count(); }
// proc:::signal-send { @s[args[2]] = count(); }
// >>> json
// {"@": [{"key": [1], "value": 1}, {"key": [2], "value": 3}],
//  "@s": [{"key": [1], "value": 1}, {"key": [3], "value": 1},
//         {"key": [9], "value": 1}]}
