# restore gives the original back, bit for bit; the same inputs give the same
# bytes; a program is not instrumented twice.
. "$TOP/tests/lib.sh"
for command in cat bash gzip grep; do
    program=$(realpath "$(command -v $command)")
    instrument "$program" "$ends" --report=one.report || {
        fail $command "$(head -c 300 $command.said)"
        continue
    }
    if "$MCTRACE" restore --binary=$command.inst --output=$command.back &&
        cmp -s "$program" $command.back; then
        ok $command/restore
    else
        fail $command/restore "$(cmp "$program" $command.back 2>&1)"
    fi
    is $command/mode "$(stat -c %a "$program")" "$(stat -c %a $command.back)"
    mv $command.inst first
    mv $command.json first.json
    instrument "$program" "$ends" --report=two.report
    if cmp first $command.inst && cmp first.json $command.json &&
        cmp one.report two.report; then
        ok $command/same-again
    else
        fail $command/same-again "two runs gave different bytes"
    fi
    if instrument ./$command.inst "$ends" 2>/dev/null; then
        fail $command/twice "an instrumented program was instrumented"
    else
        is $command/twice 1 "$(grep -c B_ALREADY $command.inst.said)"
    fi
done
"$MCTRACE" restore --binary="$program" --output=no 2>said
is original 1 $?
is original-said 1 "$(grep -c B_NOT_OURS said)"
[ ! -e no ] || fail original-output "something was written"
# Names of sections that are nowhere, as e_shstrndx is that of another section.
cp "$(realpath "$(command -v cat)")" nameless
printf '\1\0' | dd of=nameless bs=1 seek=62 conv=notrunc status=none
instrument ./nameless "$ends"
"$MCTRACE" restore --binary=nameless.inst --output=nameless.back 2>said
is nameless 0 $?
cmp nameless nameless.back && ok nameless/restore || fail nameless/restore
