# The persistence file: whose it is, where it is, and what happens without it.
. "$TOP/tests/lib.sh"
need gcc
cat >work.c <<'END'
#include <stdio.h>
#include <unistd.h>
__attribute__((noipa)) int work(int n) { return n; }
int main(void) { printf("%d\n", (int)getpid()); return work(0); }
END
script='pid$target:a.out:work:entry { @ = count(); }'
for flags in -static "-pie -fPIE"; do
    kind=${flags%% *}
    kind=${kind#-}
    # shellcheck disable=SC2086
    gcc -O1 $flags -o work work.c
    instrument ./work "$script" || { fail "$kind" "$(cat work.said)"; continue; }
    (umask 0; ./work.inst) >/dev/null
    is "$kind/mode" 600 "$(stat -c %a work.data)"

    # An existing file is overwritten, larger or smaller, whatever its mode.
    head -c 100000 /dev/zero | tr '\0' x >work.data
    chmod 644 work.data
    ./work.inst >/dev/null
    is "$kind/overwritten" '{"@": 1}' "$(extract work)"
    is "$kind/overwritten-mode" 600 "$(stat -c %a work.data)"
    ./work.inst >/dev/null
    is "$kind/again" '{"@": 1}' "$(extract work)"

    # A symbolic link is not followed into somebody else's file.
    echo precious >victim
    rm work.data
    ln -s victim work.data
    ./work.inst >/dev/null 2>&1
    is "$kind/link-status" 0 $?
    is "$kind/link" precious "$(cat victim)"
    rm -f work.data

    # A hard link to another file: that other file keeps its content.
    echo precious >victim
    ln victim work.data
    ./work.inst >/dev/null 2>&1
    is "$kind/hard-link" precious "$(cat victim)"
    rm -f work.data victim

    MCTRACE_PERSISTENCE_FILE=$PWD/other.data ./work.inst >/dev/null
    is "$kind/environment" '{"@": 1}' "$("$MCTRACE" extract \
        --var-mapping=work.json --persistence-file=other.data)"
    [ ! -e work.data ] || fail "$kind/environment-only" "work.data was made too"
    rm -f other.data

    # No such folder: the program runs, and one line says so.
    is "$kind/nowhere-output" 1 "$(MCTRACE_PERSISTENCE_FILE=/nowhere/at/all \
        ./work.inst 2>said | wc -l)"
    is "$kind/nowhere-said" 1 "$(wc -l <said)"
    is "$kind/nowhere-tool" 1 "$(grep -c mctrace said)"
    # A folder, a device, a socket are no files to write to.
    mkdir -p folder
    MCTRACE_PERSISTENCE_FILE=$PWD/folder ./work.inst >/dev/null 2>&1
    is "$kind/folder" 0 $?
    MCTRACE_PERSISTENCE_FILE=/dev/null ./work.inst >/dev/null 2>&1
    is "$kind/device" 0 $?

    "$MCTRACE" instrument --binary=work --output=many.inst --var-mapping=many.json \
        --persistence-file="$PWD/run.%p.data" --script=work.d 2>said ||
        fail "$kind/pid" "$(cat said)"
    pid=$(./many.inst)
    is "$kind/pid" '{"@": 1}' "$("$MCTRACE" extract --var-mapping=many.json \
        --persistence-file="run.$pid.data")"
    rm -f run.*.data

    # Descriptors that are closed at the start stay so.
    rm -f work.data
    (exec <&- >&- 2>&-; ./work.inst)
    is "$kind/closed" '{"@": 1}' "$(extract work)"

    # A full disk: no signal may hit the program when it writes there.
    if [ "$(id -u)" = 0 ] && mkdir -p small &&
        mount -t tmpfs -o size=4k tmpfs small 2>/dev/null; then
        head -c 4096 /dev/zero >small/fill
        MCTRACE_PERSISTENCE_FILE=$PWD/small/data ./work.inst >/dev/null 2>said
        is "$kind/full-disk" 0 $?
        umount small
    else
        skip "$kind/full-disk" "no tmpfs of one's own"
    fi
    rm -f work.data
    (ulimit -f 0; trap '' XFSZ; ./work.inst >/dev/null 2>&1 | cat)
    is "$kind/file-limit" 0 $?
done
# Set-user-id: the environment is not trusted.
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
    chmod 755 .
    gcc -O1 -static -o work work.c
    mkdir -p open
    chmod 777 open
    "$MCTRACE" instrument --binary=work --output=open/work.inst \
        --var-mapping=work.json --persistence-file="$PWD/open/data" \
        --script=work.d 2>said
    chmod 4755 open/work.inst
    if MCTRACE_PERSISTENCE_FILE=$PWD/open/stolen setpriv --reuid=65534 \
        --regid=65534 --clear-groups open/work.inst >/dev/null 2>&1; then
        is secure no "$([ -e open/stolen ] && echo yes || echo no)"
    else
        skip secure "the folder is not reachable for others"
    fi
else
    skip secure "needs root"
fi
