# lib.sh: what the shell tests share; sourced as `. "$TOP/tests/lib.sh"`.
#
# tests/run starts a test in an empty folder, $WORK, with $MCTRACE, $MCTRACE_ASAN
# and $TOP set. A test prints a line for everything it found:
#     ok NAME        FAIL NAME: why        skip NAME: what is missing

ok() { echo "ok $1"; }
fail() { echo "FAIL $1: ${*:2}"; }
skip() { echo "skip $1: ${*:2}"; }

# is NAME EXPECTED FOUND
is() {
    if [ "$2" = "$3" ]; then
        ok "$1"
    else
        fail "$1" "expected '$2', found '$3'"
    fi
}

# The whole test is skipped if a tool is missing.
need() {
    for tool in "$@"; do
        command -v "$tool" >/dev/null || {
            skip all "no $tool"
            exit 0
        }
    done
}

# trace NAME STATUS ARGUMENT...: standard output in ./out, errors in ./said,
# which said NAME TEXT and printed NAME TEXT look at.
trace() {
    local name=$1 status=$2
    shift 2
    "$MCTRACE" trace "$@" >out 2>said </dev/null
    is "$name/status" "$status" $?
}
said() { is "$1" "$2" "$(cat said)"; }
printed() { is "$1" "$2" "$(cat out; echo .)"; }

# instrument PROGRAM SCRIPT [OPTION...]: makes ./NAME.inst, ./NAME.json; the
# program records to ./NAME.data.
instrument() {
    local name
    name=$(basename "$1")
    printf '%s\n' "$2" >"$name.d"
    "$MCTRACE" instrument --binary="$1" --output="$name.inst" \
        --var-mapping="$name.json" --persistence-file="$PWD/$name.data" \
        --script="$name.d" "${@:3}" 2>"$name.said"
}

# extract NAME [OPTION...]
extract() {
    "$MCTRACE" extract --var-mapping="$1.json" --persistence-file="$1.data" \
        "${@:2}"
}

# has NAME COMPILER EMULATOR: both are there, or the test NAME is skipped. No
# emulator is always there.
has() {
    local tool
    for tool in "$2" $3; do
        command -v "$tool" >/dev/null || {
            skip "$1" "no $tool"
            return 1
        }
    done
}

# told_alike NAME EMULATOR: ./script.d, by either back-end, prints what ./program
# itself prints under it.
told_alike() {
    local code
    for code in llvm c; do
        rm -f program.data
        "$MCTRACE" instrument --binary=program --output=program.inst \
            --var-mapping=program.json --script=script.d --codegen="$code" \
            --persistence-file="$PWD/program.data" 2>said || {
            fail "$1/$code" "$(head -c 500 said)"
            continue
        }
        $2 ./program.inst >expected
        echo >>expected
        "$MCTRACE" extract --var-mapping=program.json --format=text \
            --persistence-file=program.data >found
        is "$1/$code" "" "$(diff expected found | head -n 6)"
    done
}

# as NAME FILE ARGUMENT...: runs a file under another name, so that messages
# that begin with it are the same.
as() {
    (exec -a "$1" "$2" "${@:3}")
}

# same TEST PROGRAM ARGUMENT...: PROGRAM and its instrumented version print the
# same, on both outputs, and end with the same status. Input is ./input, if
# there is one.
same() {
    local test=$1 program=$2 name input=/dev/null before after
    name=$(basename "$program")
    [ ! -e input ] || input=input
    as "$name" "$program" "${@:3}" <"$input" >before.out 2>before.err
    before=$?
    as "$name" "./$name.inst" "${@:3}" <"$input" >after.out 2>after.err
    after=$?
    if [ $before != $after ]; then
        fail "$test" "exit status $after instead of $before" \
            "$(head -c 300 after.err | tr '\n' ' ')"
    elif ! cmp -s before.out after.out; then
        fail "$test" "other output: $(cmp before.out after.out 2>&1)"
    elif ! cmp -s before.err after.err; then
        fail "$test" "other messages: $(head -c 300 after.err | tr '\n' ' ')"
    else
        ok "$test"
    fi
    note_calls "$name"
}

# Every run starts its telemetry anew: the most calls of any run are kept.
note_calls() {
    local calls
    [ -e "$1.data" ] || return
    calls=$(extract "$1" --format=text 2>counts.err |
        awk '$2 == "entry" { calls += $NF } END { print calls + 0 }')
    [ "$calls" -le "$(cat most 2>/dev/null || echo 0)" ] || echo "$calls" >most
}

# A query of a JSON file in Python: `value FILE 'j["read_calls"]'`.
value() {
    python3 -c 'import json, sys
j = json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' "$1" "$2"
}

ends='pid$target:a.out::entry, pid$target:a.out::return
{ @[probefunc, probename] = count(); }'

# everything PROGRAM: every function's entry and return counted.
everything() {
    local name
    name=$(basename "$1")
    if ! instrument "$1" "$ends" --report=report.json; then
        fail instrument "$(head -c 500 "$name.said")"
        exit 0
    fi
    echo "$(tail -n 1 "$name.said")"
    ok instrument
}

# counted LEAST: the telemetry is there, with so many calls in some run.
counted() {
    local calls
    calls=$(cat most 2>/dev/null || echo 0)
    if [ "$calls" -ge "$1" ]; then
        ok counts
    else
        fail counts "$calls calls, less than $1: $(head -c 300 counts.err)"
    fi
}
