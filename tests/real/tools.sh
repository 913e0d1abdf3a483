# What other tools make of an instrumented program.
. "$TOP/tests/lib.sh"
need gcc readelf
cat >work.c <<'END'
#include <stdio.h>
__attribute__((noipa)) int deepest(int n) { return n + 1; }
__attribute__((noipa)) int middle(int n) { int r = deepest(n); return r * 2; }
__attribute__((noipa)) int outer(int n) { int r = middle(n); return r - 1; }
int main(void) { printf("%d\n", outer(20)); return 0; }
END
gcc -g -O1 -o work work.c
gcc -g -O1 -static -o fixed work.c
every='pid$target:a.out:deepest:, pid$target:a.out:middle:,
pid$target:a.out:outer: { @ = count(); last = arg0; }'
for name in work fixed; do
    instrument "./$name" "$every" || fail $name "$(head -c 300 $name.said)"
    readelf -aW $name >/dev/null 2>before.err
    readelf -aW $name.inst >after 2>after.err
    is $name/readelf "$(cat before.err)" "$(sed "s/$name.inst/$name/" after.err)"
    if readelf -lW $name.inst | grep -q 'LOAD.* RWE'; then
        fail $name/segments "one is writable and executable"
    else
        ok $name/segments
    fi
    is $name/notes "$(readelf -nW $name | grep -i 'build id')" \
        "$(readelf -nW $name.inst | grep -i 'build id')"
    is $name/mode "$(stat -c %a $name)" "$(stat -c %a $name.inst)"
    is $name/symbols "" "$(nm $name | sort >1; nm $name.inst | sort >2
        comm -23 1 2 | head -n 3)"
    strip -o $name.stripped $name.inst 2>strip.err
    is $name/strip-says "" "$(cat strip.err)"
    rm -f $name.data
    is $name/stripped 41 "$(./$name.stripped)"
    is $name/stripped-counts "$(./$name.inst >/dev/null; extract $name)" \
        "$(rm $name.data; ./$name.stripped >/dev/null; extract $name)"
    objdump -d $name.inst >dump 2>&1
    is $name/objdump 0 $?
    # Sizes of sections that were there stay.
    is $name/debug "$(readelf -SW $name | grep "\.debug_" | grep -vc debug_frame)" \
        "$(readelf -SW $name.inst | grep '\.debug_' | grep -vc debug_frame)"
done
if command -v ldd >/dev/null; then
    is ldd "$(ldd ./work | sed 's/ (.*//')" "$(ldd ./work.inst | sed 's/ (.*//')"
fi

# Backtraces: stepping through every instruction, trampolines included, gdb
# always finds the way back to main.
if command -v gdb >/dev/null; then
    cat >steps.py <<'END'
import gdb
gdb.execute("set pagination off")
gdb.execute("set confirm off")
gdb.execute("break main")
gdb.execute("run >/dev/null")
bad, steps, seen = [], 0, set()
main_sp = None
while steps < 400:
    frame, names = gdb.newest_frame(), []
    while frame and len(names) < 20:
        names.append(frame.name())
        frame = frame.older()
    if "main" not in names:
        if "main" == (names and names[0]) or steps > 20 and not seen:
            break
        bad.append("%#x %s" % (gdb.newest_frame().pc(), names[:4]))
    elif names[0] == "main" and "deepest" in seen:
        break
    seen.update(n for n in names if n)
    gdb.execute("stepi", to_string=True)
    steps += 1
print("RESULT %d steps, %d without main %s" % (steps, len(bad), bad[:3]))
print("SEEN", all(n in seen for n in ("deepest", "middle", "outer")))
gdb.execute("kill")
END
    for name in work fixed; do
        gdb -nx -batch -x steps.py ./$name.inst >gdb.out 2>&1
        if grep -q 'RESULT [0-9]* steps, 0 without' gdb.out &&
            grep -q 'SEEN True' gdb.out; then
            ok $name/backtrace
        elif grep -qi 'ptrace\|not permitted' gdb.out; then
            skip $name/backtrace "gdb may not trace"
        else
            fail $name/backtrace "$(grep -E 'RESULT|SEEN|rror' gdb.out | head -c 600)"
        fi
    done
else
    skip backtrace "no gdb"
fi
if command -v perf >/dev/null && perf record -o perf.data ./work.inst \
    >/dev/null 2>&1; then
    if perf report -i perf.data --stdio >/dev/null 2>&1; then
        ok perf
    else
        fail perf "perf report failed"
    fi
else
    skip perf "perf may not record"
fi
