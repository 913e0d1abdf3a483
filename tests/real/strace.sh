# System calls by name against strace's counts: a static program, and dynamic
# ones without what the loader does, which is not instrumented.
. "$TOP/tests/lib.sh"
need strace gcc python3
strace -o /dev/null true 2>/dev/null || { skip all "strace may not trace"; exit 0; }
script='syscall:::entry { @[probefunc] = count(); }
syscall:::return { @returns[probefunc] = count(); }'

# From strace's log, with the program counter: NAME COUNT of calls that come
# from outside the loader (given by its bounds; none in a static program).
count_log() {
    python3 - "$1" "${2:-0}" "${3:-0}" <<'END'
import collections, re, sys
low, high = int(sys.argv[2], 16), int(sys.argv[3], 16)
counts = collections.Counter()
for line in open(sys.argv[1]):
    mark = re.match(r"(?:\d+ +)?\[([0-9a-f?]+)\] (\w+)\(", line)
    if mark and mark[2] != "execve" and mark[1].strip("?"):
        if not low <= int(mark[1], 16) < high:
            counts[mark[2]] += 1
names = {"arch_prctl": "arch_prctl"}
for name, count in sorted(counts.items()):
    print(names.get(name, name), count)
END
}

found() {
    extract "$1" >counts.json
    value counts.json '"\n".join(sorted("%s %d" % (r["key"][0], r["value"])
        for r in j["@"]))'
}

cat >calls.c <<'END'
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
int main(void) {
    char line[100];
    struct stat st;
    FILE *f = fopen("/etc/passwd", "r");
    while (f && fgets(line, sizeof line, f))
        if (stat("/", &st) != 0 || write(1, line, 1) != 1)
            return 1;
    for (int i = 0; i < 3; i++)
        free(malloc((size_t)1 << (20 + i)));
    DIR *d = opendir("/etc");
    while (d && readdir(d))
        lseek(1, 0, SEEK_CUR);
    if (fork() == 0)
        _exit(getpid() == getppid());
    wait(0);
    return access("/none", R_OK) != -1;
}
END
for build in gcc:-static:static gcc:-static-pie:static-pie musl-gcc:-static:musl; do
    IFS=: read -r compiler flag name <<<"$build"
    command -v "$compiler" >/dev/null || { skip "$name" "no $compiler"; continue; }
    "$compiler" -O1 "$flag" -o "$name" calls.c
    strace -f -i -o log "./$name" >/dev/null 2>&1
    instrument "./$name" "$script" || {
        fail "$name" "$(head -c 300 "$name.said")"
        continue
    }
    "./$name.inst" >/dev/null
    is "$name" "$(count_log log | tr '\n' ' ')" "$(found "$name" | tr '\n' ' ')"
done

# Without address randomisation the loader is where it is in any program.
read -r low high < <(setarch -R cat /proc/self/maps | awk '/ld-linux/ {
    split($1, a, "-"); if (!low) low = a[1]; high = a[2] } END { print low, high }')
for command in "cat /etc/passwd /none" "ls -l /etc" "sort /etc/passwd" "id"; do
    read -r name arguments <<<"$command"
    program=$(realpath "$(command -v "$name")")
    strace -f -i -o log setarch -R "$program" $arguments >/dev/null 2>&1
    # setarch's own calls end with its second exec.
    awk '/execve\(/ { n++ } n >= 2' log >log2
    instrument "$program" "$script" || {
        fail "$name" "$(head -c 300 "$name.said")"
        continue
    }
    "./$name.inst" $arguments >/dev/null 2>&1
    is "$name" "$(count_log log2 "$low" "$high" | tr '\n' ' ')" \
        "$(found "$name" | tr '\n' ' ')"
done
