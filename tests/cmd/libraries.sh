#!/bin/bash
# The library that matched is the one that is loaded, however the loader came
# to it: through search paths of libraries between it and the program, old and
# new, by a path, through folders for certain processors. The pair of program
# and folder is moved before it runs; the rest stays.

. "$TOP/tests/lib.sh"
need gcc readelf

# library FILE VALUE [GCC OPTION...]: it has the function NAME() which adds
# VALUE to what the functions that it needs give: the names in $calls.
library() {
    local name
    name=$(basename "$1" .so)
    mkdir -p "$(dirname "$1")"
    {
        for call in $calls; do echo "int $call(void);"; done
        echo "int ${name#lib}(void) { return $2"
        for call in $calls; do echo "+ $call()"; done
        echo "; }"
    } | ${CC:-gcc} -shared -fPIC -Wl,--no-as-needed -o "$1" "${@:3}" -x c -
}

# program FILE [GCC OPTION...]: prints the sum of the functions in $calls.
program() {
    mkdir -p "$(dirname "$1")"
    {
        echo '#include <stdio.h>'
        for call in $calls; do echo "int $call(void);"; done
        echo 'int main(void) { printf("%d\n", 0'
        for call in $calls; do echo "+ $call()"; done
        echo '); }'
    } | ${CC:-gcc} -o "$1" -Wl,--no-as-needed -x c - -x none "${@:2}"
}

# check TEST PROGRAM LIBRARIES [FUNCTION]: each of LIBRARIES is instrumented,
# loaded once, and nothing else changes.
check() {
    local probes='' name
    rm -rf out moved data
    mkdir out
    for name in $3; do
        probes="$probes${probes:+, }pid\$target:$name::entry"
    done
    if ! "$MCTRACE" instrument -b "$2" -o out/inst -m out/json -p "$PWD/data" \
        -n "$probes /probefunc == \"${4:-leaf}\"/ { @[probemod] = count(); }" \
        2>said; then
        fail "$1" "$(cat said)"
        return
    fi
    mv out moved
    is "$1/output" "$("$2")" "$(moved/inst 2>&1)"
    is "$1/counts" "${5:-1}" "$("$MCTRACE" extract -m moved/json -p data |
        python3 -c 'import json, sys
print(*[r["value"] for r in json.load(sys.stdin)["@"]])')"
}

new=-Wl,--enable-new-dtags old=-Wl,--disable-new-dtags

# A library in the private folder of one that is in the program's: by
# DT_RUNPATH, of which the program's does not hold for others; by DT_RPATH, of
# which the library's own comes first; and mixed.
for kind in "new new" "old old" "new old" "old new"; do
    d=chain-${kind/ /-} middle=${kind% *} program=${kind#* }
    calls='' library $d/lib/private/libleaf.so 3
    calls=leaf library $d/lib/libmiddle.so 10 -L$d/lib/private -lleaf "${!middle}" \
        "-Wl,-rpath,\$ORIGIN/private"
    calls=middle program $d/app -L$d/lib -lmiddle "${!program}" \
        "-Wl,-rpath,\$ORIGIN/lib" -Wl,-rpath-link,$d/lib/private
    check "$d" $d/app libleaf.so
    [ -e moved/inst.libs/libmiddle.so ] || fail "$d/copy" "no libmiddle.so"
    "$MCTRACE" restore -b moved/inst.libs/libmiddle.so -o restored 2>said
    is "$d/restore" '' "$(cmp restored $d/lib/libmiddle.so 2>&1)"
    check "$d/both" $d/app 'libleaf.so libmiddle.so'
    # Two ways to it.
    calls=leaf library $d/lib/libother.so 20 -L$d/lib/private -lleaf
    calls='middle other' program $d/app2 -L$d/lib -lmiddle -lother "${!program}" \
        "-Wl,-rpath,\$ORIGIN/lib" -Wl,-rpath-link,$d/lib/private
    check "$d/two" $d/app2 libleaf.so leaf 2
done

# Four libraries in a row, each with a path of its own.
calls='' library far/4/libleaf.so 1
calls=leaf library far/3/libthree.so 2 -Lfar/4 -lleaf $new \
    "-Wl,-rpath,\$ORIGIN/../4"
calls=three library far/2/libtwo.so 3 -Lfar/3 -lthree $new \
    -Wl,-rpath,"$PWD/far/3" -Wl,-rpath-link,far/4
calls=two library far/1/libone.so 4 -Lfar/2 -ltwo $new \
    "-Wl,-rpath,\${ORIGIN}/../2" -Wl,-rpath-link,far/3:far/4
calls=one program far/app -Lfar/1 -lone $new -Wl,-rpath,"\$ORIGIN/1" \
    -Wl,-rpath-link,far/2:far/3:far/4
check far far/app libleaf.so

# What asks for a library by a path asks for the copy by name, whoever asks.
calls='' library path/libleaf.so 5 -Wl,--version-script=<(echo 'V1 { *; };')
calls=leaf library path/libmiddle.so 50 ./path/libleaf.so
calls='middle leaf' program path/app ./path/libmiddle.so ./path/libleaf.so
readelf -d path/app | grep -q 'NEEDED.*path/libleaf.so' ||
    fail path/need "$(readelf -d path/app | grep NEEDED)"
check path path/app libleaf.so leaf 2

# The library that the program asks for and another one of its name.
calls='' library same/a/libleaf.so 1
calls='' library same/b/libleaf.so 2
calls=leaf library same/libmiddle.so 10 ./same/a/libleaf.so
calls='leaf middle' program same/app ./same/b/libleaf.so ./same/libmiddle.so
"$MCTRACE" instrument -b same/app -o inst -p data \
    -n 'pid$target:libleaf.so::entry { @ = count(); }' 2>said
is same/status 1 $?
is same/said 1 "$(grep -c 'error: .*another of the same name.*B_LIBRARY' said)"
[ ! -e inst ] || fail same/output "there is one"

# The program's own DT_RUNPATH does not come to hold for its libraries.
calls='' library leak/lib/libleaf.so 100
calls='' library leak/good/libleaf.so 1
calls=leaf library leak/lib/libmiddle.so 10 -Lleak/good -lleaf
calls=middle program leak/app -Lleak/lib -lmiddle $new \
    "-Wl,-rpath,\$ORIGIN/lib" -Wl,-rpath-link,leak/good
export LD_LIBRARY_PATH=$PWD/leak/good
is leak/original 11 "$(leak/app)"
check leak leak/app libmiddle.so middle
unset LD_LIBRARY_PATH

# What lies beside the original is found where nothing is instrumented in it.
"$MCTRACE" instrument -b far/app -o inst -p data -n '::main:entry { n++; }' \
    2>said
is origin 10 "$(./inst 2>&1)"

# A variant for processors like this one, which the loader prefers.
calls='' library variant/lib/libleaf.so 1
calls='' library variant/lib/glibc-hwcaps/x86-64-v2/libleaf.so 2
calls=leaf program variant/app -Lvariant/lib -lleaf "-Wl,-rpath,\$ORIGIN/lib"
check variant variant/app libleaf.so
if [ "$(variant/app)" = 2 ]; then
    [ -e moved/inst.libs/glibc-hwcaps/x86-64-v2/libleaf.so ] ||
        fail variant/copy "$(find moved)"
    mv moved out
    "$MCTRACE" instrument -b /bin/true -o out/inst -p data -n 'BEGIN { n = 1; }' \
        2>said
    is variant/replaced '' "$(find out -name '*.libs')"
fi

# Not looked for in the system's folders.
calls='' library nodef/libleaf.so 7
calls=leaf program nodef/app -Lnodef -lleaf -Wl,-z,nodefaultlib \
    "-Wl,-rpath,\$ORIGIN:/lib/x86_64-linux-gnu"
readelf -d nodef/app | grep -q NODEFLIB || fail nodefaultlib/flag "not there"
check nodefaultlib nodef/app libleaf.so

# Records of several libraries from before they know the file: resolvers run
# ahead of all init functions, each library's with memory of its own. (They go
# by the name of what they resolve, which has the same address.)
mkdir early
for name in one two; do
    echo "static int ${name}_work(void) { return 1; }
        void *${name}_resolve(void) { return ${name}_work; }
        int $name(void) __attribute__((ifunc(\"${name}_resolve\")));" |
        gcc -shared -fPIC -o early/lib$name.so -x c -
done
calls='one two' program early/app -Learly -lone -ltwo "-Wl,-rpath,\$ORIGIN" -Wl,-z,now
cat >early.d <<'END'
pid$target:libone.so:one*:entry, pid$target:libtwo.so:two*:entry
{ printf("%s\n", probefunc); @[probefunc] = count(); }
END
for option in '' --with-loader; do
    "$MCTRACE" instrument -b early/app -o inst -m json -p "$PWD/data" -s early.d \
        -x quiet $option 2>said || fail "early/$option" "$(cat said)"
    ./inst >/dev/null
    "$MCTRACE" extract -m json -p data --format=jsonl >found
    is "early/records$option" "one two one_work two_work" \
        "$(python3 -c 'import json, sys
rows = [json.loads(line) for line in sys.stdin]
rows = [r for r in rows if "time" in r]
assert rows == sorted(rows, key=lambda r: r["time"])
names = [r["actions"][0]["values"][0] for r in rows]
print(*sorted(names[:2]), *names[2:])' <found)"
done

# musl's loader: the environment first, then all paths alike.
if command -v musl-gcc >/dev/null; then
    CC=musl-gcc
    calls='' library musl/lib/private/libleaf.so 3
    calls=leaf library musl/lib/libmiddle.so 10 -Lmusl/lib/private -lleaf \
        "-Wl,-rpath,\$ORIGIN/private"
    calls=middle program musl/app -Lmusl/lib -lmiddle \
        "-Wl,-rpath,\$ORIGIN/lib" -Wl,-rpath-link,musl/lib/private
    check musl musl/app libleaf.so
    "$MCTRACE" instrument -b musl/app -o inst -p data \
        -n '::writev:entry { @ = count(); }' 2>said
    is musl/remedy 1 "$(grep -c -e --with-loader said)"
    "$MCTRACE" instrument -b musl/app -o inst -m json -p "$PWD/data" \
        --with-loader -n '::writev:entry { @ = count(); }' 2>said
    is musl/with-loader '13 {"@": 1}' \
        "$(./inst) $("$MCTRACE" extract -m json -p data)"
    calls=middle program musl/bare -Lmusl/lib -lmiddle \
        -Wl,-rpath-link,musl/lib/private
    LD_LIBRARY_PATH=musl/lib musl/bare >expected
    LD_LIBRARY_PATH=musl/lib "$MCTRACE" instrument -b musl/bare -o inst \
        -m json -p "$PWD/data" \
        -n 'pid$target:libleaf.so:leaf:entry { @ = count(); }' 2>said
    is musl/left-behind 1 "$(rm -rf out; mkdir out; cp moved/inst out/
        LD_LIBRARY_PATH=musl/lib:musl/lib/private out/inst >out/said
        "$MCTRACE" extract -m moved/json -p data 2>&1 >out/json |
            grep -c '1 of 2 instrumented files were loaded')"
    is musl/environment "$(cat expected)" "$(./inst 2>&1)"
    is musl/environment/counts '{"@": 1}' \
        "$("$MCTRACE" extract -m json -p data)"
else
    skip musl "no musl-gcc"
fi
