# Programs made by chance (csmith), in many kinds of build: with a probe on
# every instruction, and with clauses that need many registers at every entry
# and return, they compute what they computed before.
. "$TOP/tests/lib.sh"
need csmith gcc clang-19
light='pid$target:a.out:: { @ = count(); }'
heavy='pid$target:a.out::entry, pid$target:a.out::return
{ @sums[arg0 & 7, probename] = sum(arg1 ^ arg2); @spread = quantize(arg0); }'

# try NAME SEED COMPILER FLAG...
try() {
    local name=$1 seed=$2 expected
    csmith --seed "$seed" --max-funcs 6 --max-block-depth 3 >"$name.c"
    "${@:3}" -w -I/usr/include/csmith -o "$name" "$name.c" || {
        fail "$name/compile" "${*:3}"
        return
    }
    expected=$(timeout 2 "./$name" 1)
    # Chance makes programs that run for ever, too.
    [ $? != 124 ] || return
    for kind in light heavy; do
        instrument "./$name" "${!kind}" || {
            fail "$name/$kind" "$(head -c 300 "$name.said")"
            continue
        }
        # What differs is shown by the first line that does.
        is "$name/$kind" "" "$(diff <(echo "$expected") \
            <(timeout 60 "./$name.inst" 1 2>&1; [ $? = 0 ] || echo "status $?") |
            head -n 2)"
    done
}

seed=${CHANCE_SEED:-1}
for flags in "-O0" "-O1 -fipa-ra -fno-plt" "-O2 -fipa-ra -static" \
    "-O3 -march=x86-64-v3 -fno-pie -no-pie" "-Os -fcf-protection=full" \
    "-O2 -mno-red-zone -fomit-frame-pointer -static-pie" \
    "-O3 -funroll-loops -fipa-ra -fno-pie -no-pie -static"; do
    try "gcc$seed" "$seed" gcc $flags
    seed=$((seed + 1))
done
for flags in "-O0 -fPIE -pie" "-O1 -fno-pie -no-pie" "-O2 -fPIE -pie" \
    "-O3 -mavx2 -static" "-Oz -fcf-protection=full -fPIE -pie"; do
    try "clang$seed" "$seed" clang-19 $flags
    seed=$((seed + 1))
done
