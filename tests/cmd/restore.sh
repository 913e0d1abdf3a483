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
# Names of sections that are nowhere, as e_shstrndx is that of another section;
# a place for headers of sections, but none.
while read -r name off bytes; do
    cp "$(realpath "$(command -v cat)")" $name
    printf "$bytes" | dd of=$name bs=1 seek=$off conv=notrunc status=none
    instrument ./$name "$ends"
    "$MCTRACE" restore --binary=$name.inst --output=$name.back 2>said
    is $name 0 $?
    cmp $name $name.back && ok $name/restore || fail $name/restore
done <<'EOF'
nameless 62 \1\0
countless 60 \0\0\0\0
EOF
