# Counts of every function against callgrind's, in programs with symbols: one of
# our own in several builds, and all of glibc linked into it. A function that
# falls through or jumps into another is counted by both as a call of it.
. "$TOP/tests/lib.sh"
need valgrind gcc python3

# What depends on the processor or on the environment runs differently under
# valgrind, which has one of its own of each (no vDSO, more variables).
machine_specific='cpu|intel|cache_?info|tunable|_dl_|avx|sse|evex|erms|ifunc|'
machine_specific="$machine_specific"'init|IO_|select|lookup|check_match|mutex|'
machine_specific="$machine_specific"'dynamic_string|rpath|^str(dup|sep) |'
machine_specific="$machine_specific"'alloc|^free |_int_free'

# compare NAME MODULE PROBES FILTER
compare() {
    valgrind --tool=callgrind --callgrind-out-file="$1.cg" "./$1" \
        >/dev/null 2>"$1.vg" || {
        skip "$1/$2" "callgrind: $(tail -n 1 "$1.vg")"
        return
    }
    python3 "$TOP/tests/real/callgrind_calls.py" "$1.cg" "$4" |
        grep -Ev "$5" >expected
    if ! instrument "./$1" "$3"; then
        fail "$1/$2" "$(head -c 300 "$1.said")"
        return
    fi
    "./$1.inst" >/dev/null || fail "$1/$2" "exit status $?"
    extract "$1" >"$1.counts" || fail "$1/$2" "extract"
    # shellcheck disable=SC2016
    value "$1.counts" '"\n".join("%s %d" % (r["key"][0], r["value"])
        for r in j["@"])' | grep -Ev "$5" | sort >found
    sort expected | join -a 1 -a 2 -o 0,1.2,2.2 -e 0 - found |
        awk '$2 != $3 { print $1 ": " $3 ", callgrind " $2 }' >different
    if [ -s different ]; then
        fail "$1/$2" "$(wc -l <different) of $(wc -l <expected) differ:" \
            "$(head -n 8 different | tr '\n' ';')"
    else
        echo "$(wc -l <expected) functions equal"
        ok "$1/$2"
    fi
}

entries='pid$target:a.out::entry { @[probefunc] = count(); }'
own='^(_start|_init|_fini|__libc_|_dl_|\.plt|.*@plt|__do_global|frame_dummy|'
own="$own"'deregister_tm|register_tm|\(below|0x|sub_|call_)'
for flags in "-O0 -pie -fPIE" "-O1 -no-pie" "-O2 -pie -fPIE" "-O3 -static-pie"; do
    name=oracle$(echo "$flags" | tr -d ' ')
    gcc -g $flags -fno-ipa-icf -o "$name" "$TOP/tests/real/oracle.c"
    case $flags in *static*) continue ;; esac
    compare "$name" own "$entries" "$name" "$own"
done
gcc -O2 -static -o static "$TOP/tests/real/oracle.c"
compare static all "$entries" static "$own|$machine_specific"

# libc's own functions, exported ones at least, in a dynamic program. From
# malloc's callers within libc, too.
gcc -O1 -o dynamic "$TOP/tests/real/oracle.c"
only='^(calloc|free|qsort|malloc|realloc) '
valgrind --tool=callgrind --callgrind-out-file=libc.cg ./dynamic >/dev/null 2>&1
python3 "$TOP/tests/real/callgrind_calls.py" libc.cg libc.so.6 |
    grep -E "$only" | sort >expected
instrument ./dynamic 'pid$target:libc.so.6:calloc:entry,
pid$target:libc.so.6:free:entry, pid$target:libc.so.6:qsort:entry,
pid$target:libc.so.6:malloc:entry, pid$target:libc.so.6:realloc:entry
{ @[probefunc] = count(); }' || fail libc "$(head -c 300 dynamic.said)"
./dynamic.inst >/dev/null
extract dynamic >dynamic.counts
value dynamic.counts '"\n".join("%s %d" % (r["key"][0], r["value"])
    for r in j["@"])' | sort >found
is libc "$(tr '\n' ' ' <expected)" "$(tr '\n' ' ' <found)"
