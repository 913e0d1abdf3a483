# What a platform of the user's is given on boards that qemu-system emulates:
# messages of send() and records over a serial line, in a ring in memory, to a
# debugger's host; time by the machine's own counter; memory.
. "$TOP/tests/lib.sh"
. "$TOP/tests/firmware/boards.sh"

# traced FILE SCRIPT LIBRARY...: instruments the board's firmware.
traced() {
    printf '%s\n' "$2" >"$1.d"
    rm -f "$1"
    "$MCTRACE" instrument --binary="$name.elf" --output="$1" --script="$1.d" \
        --var-mapping="$1.map" "${@:3}" 2>said && return
    fail "$name/$1" "$(head -c 300 said)"
    return 1
}
extract() { "$MCTRACE" extract --var-mapping="$1.map" "${@:2}" 2>said; }
# Without what differs from run to run.
same_time() { sed 's/"time": [0-9]*, //; s/"id": [0-9]*, //'; }

by_hand='int n; string who;
pid$target:a.out:report:entry { n += arg1; who = probefunc; send(5); }'
of_all='int n;
pid$target:a.out:fibonacci:entry /arg0 > 9/ { @[arg0] = count(); }
pid$target:a.out:report:entry
{ n += arg1; printf("%d of %s", arg1, probefunc); printa(@); trace(n); }
pid$target:a.out:report:entry /arg1 == 1/ { send(7); trace(1 / (n - n)); }'

# messages TEST: what by_hand sends.
messages() {
    is "$1" "{\"channel\": 5, \"n\": 144, \"who\": \"report\"}
{\"channel\": 5, \"n\": $((144 + compared)), \"who\": \"report\"}
{\"channel\": 5, \"n\": $((145 + compared)), \"who\": \"report\"}"         "$("${@:2}")"
}

# row N TEXT VALUE: a record of of_all.
row() {
    echo "{\"cpu\": 0, \"pid\": 1, \"tid\": 1, \"probe\": \"pid:a.out:report:entry\", \"clause\": \"dt_clause_1\", \"actions\": [{\"printf\": \"$1 of report\", \"values\": [$1, \"report\"]}, {\"printa\": {\"@\": [{\"key\": [11], \"value\": 1}, {\"key\": [12], \"value\": 1}, {\"key\": [10], \"value\": 2}]}}, {\"trace\": $2}]}"
}

# Records are those of the ring in memory, and those of an aggregation ahead of
# what prints it.
over_line() {
    traced out "$of_all" --library=uart.o || return
    run_board out dump
    is "$name/line-program" "$(cat before)" "$(grep -aoFf before serial)"
    is "$name/line-records" "$(row 144 144)
$(row "$compared" $((144 + compared)))
$(row 1 $((145 + compared)))" "$(extract out --stream=serial | grep actions | same_time | head -n 3)"
    is "$name/line-fault" 1 \
        "$(extract out --stream=serial | grep -c '"fault": "divide-by-zero"')"
    is "$name/line-send" "{\"channel\": 7, \"n\": $((145 + compared))}" \
        "$(extract out --stream=serial | grep channel)"
    is "$name/line-end" '{"aggregations": {"@": [{"key": [11], "value": 1}, {"key": [12], "value": 1}, {"key": [10], "value": 2}]}}' \
        "$(extract out --stream=serial | tail -n 1)"
    is "$name/line-columns" \
        "$(extract out --memory="dump@$ram" --format=text)" \
        "$(extract out --stream=serial --columns | sed '/channel/d; /  7 /d')"
}

# A ring that holds only the newest messages.
in_ring() {
    library "$TOP/platform/ring.c" -DRING_LEN=512u &&
        traced out "$by_hand" --library=ring.o || return
    run_board out dump
    "$TOP/platform/ring.py" dump >ring
    is "$name/ring-newest" "$(newest)" "$(extract out --stream=ring)"
    library "$TOP/platform/ring.c" && traced out "$by_hand" --library=ring.o ||
        return
    run_board out dump
    "$TOP/platform/ring.py" dump >ring
    messages "$name/ring" extract out --stream=ring
}
newest() {
    echo "{\"channel\": 5, \"n\": $((145 + compared)), \"who\": \"report\"}"
}

# To a file of the emulator's host.
semihosted() {
    [ "$name" != ppce500 ] || return 0 # there is no such thing
    library "$TOP/platform/semihosting.c" &&
        traced out "$by_hand" --library=semihosting.o || return
    rm -f mctrace.stream
    emulate+=(-semihosting-config enable=on,target=native)
    run_board out
    is "$name/semihosting-program" "$(cat before)" "$(cat serial)"
    messages "$name/semihosting" extract out --stream=mctrace.stream
}

# timestamp is the counter's, and goes on. An instruction takes as long as any
# other (-icount): the machine's speed is not asked for.
clocked() {
    local emulate=("${emulate[@]}" -icount shift=6)
    library "$TOP/platform/cycles.c" "${@:2}" || return
    traced out 'uint64_t first, last, wrong, count;
pid$target:a.out:compare:entry
{ first = first ? first : timestamp; count++;
  wrong += timestamp < last; last = timestamp; }' --library=cycles.o || return
    run_board out dump
    extract out --memory="dump@$ram" >values
    is "$name/$1" "0 $compared True" "$(value values \
        'j["wrong"], j["count"], j["last"] - j["first"] > j["count"]' | tr -d '(,)')"
}

# Memory is the platform's; without, a clause that needs it counts a drop.
allocating() {
    cat >memory.c <<'END'
#include "platform/platform.h"
static _Alignas(8) char memory[MOST];
static size_t taken;
void *platform_alloc_memory(size_t size) {
    void *at = memory + taken;
    if (size > sizeof memory - taken)
        return NULL;
    taken += (size + 7) & ~(size_t)7;
    return at;
}
END
    local script='string who; int n;
pid$target:a.out:report:entry { n++; who = strjoin(probefunc, "!"); }'
    library memory.c -DMOST=8192 && traced out "$script" --library=memory.o ||
        return
    run_board out dump
    is "$name/memory" '{"who": "report!", "n": 3}' \
        "$(extract out --memory="dump@$ram")"
    is "$name/memory-quiet" "" "$(cat said)"
    library memory.c -DMOST=16 && traced out "$script" --library=memory.o ||
        return
    run_board out dump
    is "$name/no-memory" "$(cat before)" "$(cat serial)"
    extract out --memory="dump@$ram" >values
    is "$name/no-memory-said" 1 "$(grep -c "no room" said)"
}

# Objects of an archive that share variables and call each other, by addresses
# in words where a compiler for programs that may lie anywhere puts them.
shared() {
    cat >one.c <<'END'
#include "platform/platform.h"
extern int shared[2];
int twice(int n);
uint64_t platform_timestamp(void) { return (uint64_t)(shared[1] += twice(3)); }
END
    echo 'extern int shared[2]; int twice(int n) { return n * shared[0]; }' >two.c
    echo 'int shared[2] = {2, 100};' >three.c
    echo 'int never(void); int unused(void) { return never(); }' >four.c
    rm -f all.a
    for part in one two three four; do
        library "$part.c" "$@" && "${compile[0]%gcc}ar" rc all.a "$part.o" ||
            return
    done
    traced out 'uint64_t last;
pid$target:a.out:report:entry { last = timestamp; }' --library=all.a || return
    run_board out dump
    is "$name/archive$*" '{"last": 118}' "$(extract out --memory="dump@$ram")"
}

for board in $boards; do
    take_board "$board" && build_board && run_board "$name.elf" || continue
    mv serial before
    compared=$(sed -n 's/compared //p' before)
    if library "$TOP/platform/uart.c" $uart; then
        traced line "$by_hand" --library=uart.o && run_board line &&
            messages "$name/line" extract line --stream=serial
        over_line
    fi
    in_ring
    shared
    case $name in riscv_virt | aarch64_virt) shared -fPIE ;; esac
    allocating
    clocked clock
    [ "$name" != riscv_virt ] || clocked time -DRISCV_TIME
    semihosted
done
