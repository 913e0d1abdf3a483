# Bounds that any machine should keep, several times what is measured: a guard
# against accidents; bench/ has the figures.
. "$TOP/tests/lib.sh"
need gcc python3
program=$(realpath "$(command -v cat)")
begun=$(date +%s%N)
instrument "$program" "$ends" || fail small "$(cat cat.said)"
spent=$((($(date +%s%N) - begun) / 1000000))
[ $spent -lt 1500 ] && ok small || fail small "$spent ms"
library=$(ls "$(llvm-config-19 --libdir)"/libLLVM.so.19* 2>/dev/null | head -n 1)
if [ -n "$library" ]; then
    library=$(realpath "$library")
    begun=$(date +%s%N)
    (ulimit -v 4000000; "$MCTRACE" instrument --binary="$library" --output=big \
        --persistence-file=d -n 'pid$target:::entry { @[probefunc] = count(); }' \
        2>said) || fail large "$(head -c 300 said)"
    spent=$((($(date +%s%N) - begun) / 1000000))
    [ $spent -lt 40000 ] && ok large || fail large "$spent ms"
    size=$(($(stat -c %s big) * 100 / $(stat -c %s "$library")))
    [ $size -lt 145 ] && ok size || fail size "$size %"
    tail -n 1 said
else
    skip large "no libLLVM.so.19"
fi
