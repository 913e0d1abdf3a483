# Programs that give their rights away, as daemons do: what is recorded then is
# there, in children too, and no descriptor stays open for it.
. "$TOP/tests/lib.sh"
need gcc

cat >jail.c <<'EOF'
#define _GNU_SOURCE
#include <dirent.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
__attribute__((noipa)) long hit(long i) { return i * 3; }

static int descriptors(void) {
    int count = 0;
    for (int fd = 0; fd < 1024; fd++)
        count += dup2(fd, fd) == fd;
    return count;
}
static int give_away(const char *what) {
    struct rlimit none = {3, 3};
    if (strstr(what, "descriptors") && setrlimit(RLIMIT_NOFILE, &none))
        return 2;
    if (strstr(what, "root") && (chroot("empty") || chdir("/")))
        return 3;
    if (strstr(what, "user") && (setgroups(0, NULL) || setgid(65534) ||
                                 setuid(65534)))
        return 4;
    return 0;
}
// jail HITS WHAT
int main(int argc, char **argv) {
    long hits = atol(argv[1]), total = hit(-1);
    int failed = give_away(argv[2]), is_child;
    if (failed)
        return failed;
    is_child = strstr(argv[2], "child") && fork() == 0;
    for (long i = 0; i < hits; i++)
        total += hit(i);
    if (is_child)
        _exit(0);
    while (wait(NULL) > 0)
        continue;
    printf("%ld %d\n", total, descriptors());
    return argc == 0;
}
EOF
mkdir empty
ways="descriptors"
if [ "$(id -u)" -eq 0 ]; then
    ways="descriptors root user root,user,descriptors root,user,child"
else
    skip root "only root may go to another root"
fi
for build in dynamic static; do
    flags=
    [ $build = static ] && flags=-static
    gcc -O1 $flags -o jail jail.c
    instrument ./jail '
#pragma D option quiet
pid$target:a.out:hit:entry { printf("%d\n", arg0); }' --strict
    for way in $ways; do
        rm -f jail.data
        ./jail 100000 "$way" >before 2>&1
        ./jail.inst 100000 "$way" >after 2>&1
        is "$build/$way/same" "$(cat before)" "$(cat after)"
        extract jail --format=text >shown 2>said
        times=1
        case $way in *child) times=2 ;; esac
        is "$build/$way/records" $((times * 100000 + 1)) "$(sed '/^$/d' shown | wc -l)"
        is "$build/$way/said" "" "$(cat said)"
        [ $build = dynamic ] || continue
        is "$way/traced" 100001 "$("$MCTRACE" trace -qc "./jail 100000 $way" \
            -n 'pid$target:a.out:hit:entry { printf("hit %d\n", arg0); }' |
            grep -c '^hit')"
    done
done
# Who keeps his rights has a file of the usual size.
rm -f jail.data
./jail.inst 10 nothing >after
is usual true "$([ "$(stat -c %s jail.data)" -lt 1000000 ] && echo true)"
