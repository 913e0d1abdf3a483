# Probes in interrupt handlers and in what these interrupt, on boards that
# qemu-system emulates: nothing is lost, messages do not mix.
. "$TOP/tests/lib.sh"
. "$TOP/tests/firmware/boards.sh"

counts='int n; uint64_t wide; short narrow; char tiny; int down; int made[int];
pid$target:a.out:shared:entry
{ @c[probefunc] = count(); @k[arg0] = count(); @s = sum(arg0 + 1);
  n++; wide += 3; narrow++; tiny--; down -= arg0; made[arg0] = 1; }
pid$target:a.out:shared:return { @r[arg1] = count(); }'
texts='string last; this string now; int n;
pid$target:a.out:shared:entry { n++; }
pid$target:a.out:shared:entry /arg0 == 1 || n % 16 == 0/
{ this->now = strjoin(arg0 ? "timer" : "main", lltostr(arg0)); last = this->now;
  printf("%s %d", this->now, arg0); @t[this->now] = count(); }
pid$target:a.out:shared:entry /arg0 == 1/ { send(3); }'

# wrapped NUMBER BITS: as a signed integer has it.
wrapped() { echo $((($1 + (1 << ($2 - 1)) & (1 << $2) - 1) - (1 << ($2 - 1)))); }

# traced FILE SCRIPT OPTION...: instruments and boots; what both sides counted.
traced() {
    echo "$2" >"$1.d"
    rm -f "$1"
    "$MCTRACE" instrument --binary="$name.elf" --output="$1" --script="$1.d" \
        --var-mapping="$1.map" "${@:3}" 2>said && run_board "$1" dump || {
        fail "$name/$1" "$(head -c 300 said)"
        return 1
    }
    main=$(grep -ao 'main [0-9]*$' serial | cut -d' ' -f2)
    timer=$(grep -ao 'timer [0-9]*$' serial | cut -d' ' -f2)
}

check_counts() {
    traced out "$counts" "${@:2}" || return
    local all=$((main + timer))
    is "$1/works" "same 1" "$(grep -ao 'same .' serial)"
    is "$1/interrupted" yes "$([ "$timer" -ge 400 ] && echo yes)"
    "$MCTRACE" extract --var-mapping=out.map --memory="dump@$ram" >values 2>said
    is "$1/aggregations" "$all [[0, $main], [1, $timer]] $((all + timer)) [[3, $main], [4, $timer]]" \
        "$(value values '"%s %s %s %s" % (j["@c"][0]["value"],
            sorted([e["key"][0], e["value"]] for e in j["@k"]), j["@s"],
            sorted([e["key"][0], e["value"]] for e in j["@r"]))')"
    is "$1/variables" "$all $((3 * all)) $(wrapped $all 16) $(wrapped -$all 8) -$timer" \
        "$(value values '"%s %s %s %s %s" % (j["n"], j["wide"], j["narrow"],
            j["tiny"], j["down"])')"
    is "$1/elements" "[[0, 1], [1, 1]]" \
        "$(value values 'sorted([e["key"][0], e["value"]] for e in j["made"])')"
    is "$1/quiet" "" "$(cat said)"
}

# All that the handler has to say comes over the line, whole: what else is there
# is the program's own.
check_texts() {
    library "$TOP/platform/uart.c" $uart &&
        build_board "$TOP/tests/firmware/interrupts.c" -DPERIOD=99991 \
            -DTICKS=50 || return
    traced said.out "$texts" --library=uart.o || return
    "$MCTRACE" extract --var-mapping=said.out.map --stream=serial >stream 2>said
    printf 'main %s\ntimer %s\nsame 1\ndone 0\n' "$main" "$timer" >own
    is "$name/line-timer" "$timer" \
        "$(grep -c '"printf": "timer1 1"' stream)"
    is "$name/line-send" "$timer" "$(grep -c '"channel": 3' stream)"
    is "$name/line-whole" "$(wc -c <own)" \
        "$(sed -n 's/.*warning: \([0-9]*\) bytes belong to no.*/\1/p' said)"
    is "$name/line-main" yes \
        "$([ "$(grep -c '"printf": "main0 0"' stream)" -gt 9 ] && echo yes)"
    "$MCTRACE" extract --var-mapping=said.out.map --memory="dump@$ram" >values 2>said
    is "$name/texts" "[[\"main0\", $(grep -c 'main0 0' stream)], [\"timer1\", $timer]]" \
        "$(value values 'json.dumps(sorted([e["key"][0], e["value"]] for e in j["@t"]))')"
}

for board in mps2_an385 riscv_virt ppce500; do
    take_board "$board" && build_board "$TOP/tests/firmware/interrupts.c" ||
        continue
    # An instruction takes as long as any other, so that runs are alike; that
    # qemu cannot do with this board's timer.
    [ "$name" = ppce500 ] || emulate+=(-icount shift=5)
    run_board "$name.elf" || {
        fail "$name" "it does not run: $(head -c 200 said)"
        continue
    }
    check_counts "$name"
    check_counts "$name-c" --codegen=c
    check_texts
done
