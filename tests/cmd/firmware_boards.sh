# Boards that qemu-system emulates: their output is what it was, and telemetry is
# read from a dump of their memory; by either code generator.
. "$TOP/tests/lib.sh"
. "$TOP/tests/firmware/boards.sh"

script='int n;
BEGIN { n = 100; }
pid$target:a.out:fibonacci:entry, pid$target:a.out:compare:entry,
pid$target:a.out:report:entry { @[probefunc] = count(); }
pid$target:a.out:fibonacci:return { @r = sum(arg1); }
pid$target:a.out:report:entry { n++; trace(arg1); }'

# check TEST FILE: boots it, and looks at what it says and holds.
check() {
    local compared
    compared=$(sed -n 's/compared //p' before)
    run_board "$2" dump
    is "$1/output" "$(cat before)" "$(cat serial)"
    is "$1/memory" "{\"n\": 103, \"@\": [{\"key\": [\"report\"], \"value\": 3}, {\"key\": [\"fibonacci\"], \"value\": 465}, {\"key\": [\"compare\"], \"value\": $compared}], \"@r\": 1308}" \
        "$("$MCTRACE" extract --var-mapping=map --memory="dump@$ram")"
    is "$1/records" "144 $compared 1" \
        "$("$MCTRACE" extract --var-mapping=map --memory="dump@$ram" \
            --format=text | awk '/report:entry/ { printf "%s%s", s, $NF; s = " " }')"
}

for board in $boards; do
    take_board "$board" && build_board || continue
    run_board "$name.elf" || {
        fail "$name" "it does not run: $(head -c 200 said)"
        continue
    }
    mv serial before
    printf '%s\n' "$script" >"$name.d"
    for by in llvm c; do
        test=$name
        [ $by = llvm ] || test=$name-c
        if "$MCTRACE" instrument --binary="$name.elf" --output="$name.out" \
            --script="$name.d" --var-mapping=map --codegen="$by" 2>said; then
            check "$test" "$name.out"
        else
            fail "$test" "$(head -c 300 said)"
        fi
    done
done
