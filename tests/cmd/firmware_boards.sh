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
            --script="$name.d" --var-mapping=map --codegen="$by" --save-c=made.c 2>said; then
            check "$test" "$name.out"
            # Who reviews it may have it compiled with every warning.
            [ $by = llvm ] || is "$test/warnings" "" "$("${compile[@]}" \
                $(sed -n 's|^//     \(-.*\)|\1|p' made.c | sed 's/-w //') \
                -Wall -Wextra -c made.c -o made.o 2>&1)"
        else
            fail "$test" "$(head -c 300 said)"
        fi
    done
done

# The processor that the file names: the compiler of C is told, and one whose
# instructions are too few is refused.
if command -v arm-none-eabi-gcc >/dev/null; then
    echo 'int n; int main(void) { return n++; } void _start(void) { main(); for (;;); }' >cpu.c
    echo 'pid$target:a.out:main:entry { @ = count(); }' >cpu.d
    for row in cortex-m0:refused cortex-m3:armv7-m cortex-m4:armv7e-m \
        cortex-m33:armv8-m.main cortex-r5:armv7-r cortex-a9:armv7-a \
        cortex-a53:armv8-a arm926ej-s:refused arm1176jzf-s:refused; do
        cpu=${row%:*}
        arm-none-eabi-gcc -mcpu="$cpu" -mthumb -O1 -nostdlib -Wl,-Ttext=0x8000 \
            -Wl,-Tdata=0x20000000 -o cpu.elf cpu.c
        "$MCTRACE" instrument --binary=cpu.elf --output=cpu.out --script=cpu.d \
            --var-mapping=cpu.map --codegen=c --save-c=cpu.made.c \
            --text-at=0x10000,0x8000 --data-at=0x20001000,0x4000 2>said
        case $?$(grep -o 'too little: .*B_MACHINE' said) in
        1too*) found=refused ;;
        *) found=$(grep -o -- '-march=[^ ]*' cpu.made.c | tail -1) ;;
        esac
        is "processor/$cpu" "${row#*:}" "${found#-march=}"
        rm -f cpu.made.c
    done
else
    skip processor "no arm-none-eabi-gcc"
fi
