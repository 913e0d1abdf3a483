# extract: from the file of a finished, a running and a crashed program, from a
# core file, with and without the mapping, to a file and as text.
. "$TOP/tests/lib.sh"
need gcc
cat >work.c <<'END'
#include <stdlib.h>
#include <unistd.h>
__attribute__((noipa)) int work(int n) { return n; }
int main(int argc, char **argv) {
    for (int i = 0; i < 50; i++)
        work(i);
    if (argc > 1 && argv[1][0] == 'w')
        for (;;)
            pause();
    if (argc > 1)
        abort();
    return 0;
}
END
script='int calls; pid$target:a.out:work:entry { calls++; @[arg0 & 1] = count(); }'
expected='{"calls": 50, "@": [{"key": [0], "value": 25}, {"key": [1], "value": 25}]}'
for flags in -static "-pie -fPIE"; do
    kind=${flags%% *}
    kind=${kind#-}
    # shellcheck disable=SC2086
    gcc -O1 $flags -o work work.c
    instrument ./work "$script" || { fail "$kind" "$(cat work.said)"; continue; }
    ./work.inst
    is "$kind/finished" "$expected" "$(extract work)"
    is "$kind/embedded" "$expected" "$("$MCTRACE" extract --binary=work.inst \
        --persistence-file=work.data)"
    extract work --output=out
    is "$kind/output" "$expected" "$(cat out)"
    is "$kind/text" "0 25 1 25" "$(extract work --format=text | xargs)"
    is "$kind/mode" 600 "$(stat -c %a work.data)"
    rm work.data
    ./work.inst wait &
    running=$!
    for _ in $(seq 100); do
        [ "$(extract work 2>/dev/null)" != "$expected" ] || break
        sleep 0.02
    done
    is "$kind/running" "$expected" "$(extract work)"
    kill -9 $running
    wait $running 2>/dev/null
    is "$kind/killed" "$expected" "$(extract work)"
    if command -v gdb >/dev/null; then
        # The file is not there: all is in the core. (Mapped files are left out
        # of cores unless bit 3 asks for them.)
        rm -f work.data core
        echo 0x7f >/proc/self/coredump_filter
        gdb -nx -batch -ex run -ex 'generate-core-file core' --args \
            ./work.inst abort >gdb.out 2>&1
        rm -f work.data
        if [ -e core ]; then
            is "$kind/core" "$expected" "$("$MCTRACE" extract \
                --var-mapping=work.json --persistence-file=core 2>&1)"
        else
            skip "$kind/core" "gdb made no core"
        fi
    fi
done

# Nothing matched, and so nothing was recorded: that is no error.
instrument ./work 'pid$target:none::entry { printf("%d\n", arg0); }' -Z
./work.inst >/dev/null
is unmatched '{}' "$(extract work 2>&1)"
