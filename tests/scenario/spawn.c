// Children by posix_spawn, system and popen.
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include "scenario.h"

PROBED int work(int n) { return n + 1; }

int main(void) {
    char *args[] = {"echo", "spawned", 0}, *env[] = {0}, line[64];
    pid_t child;
    int status;
    work(1);
    if (posix_spawn(&child, "/bin/echo", 0, 0, args, env) != 0)
        return 1;
    waitpid(child, &status, 0);
    work(2);
    if (system("echo by system") != 0)
        return 2;
    FILE *pipe = popen("echo by popen", "r");
    fputs(fgets(line, sizeof line, pipe), stdout);
    return pclose(pipe) + work(3) - 4;
}
// >>> script
// pid$target:a.out:work:entry { @ = count(); }
// >>> json
// {"@": 3}
