# Bytes that a site of a long clause costs: its code stands once.
. "$TOP/tests/lib.sh"
need gcc python3

# program COUNT: so many functions, each called twice.
program() {
    python3 - "$1" <<'EOF'
import sys
count = int(sys.argv[1])
for i in range(count):
    print(f"__attribute__((noipa)) int work{i}(int a, int b)"
          f" {{ return a * {i} - b; }}")
print("int main(void) { int sum = 0; for (int i = 0; i < 2; i++) {")
for i in range(count):
    print(f"    sum += work{i}(i, {i});")
print("} return sum == 1; }")
EOF
}
program 40 >few.c
program 120 >many.c

cat >long.d <<'END'
#pragma D option quiet
pid$target:a.out:work*:entry {
    printf("%s %d %d\n", probefunc, arg0, arg1);
    @[probefunc, arg0] = quantize((int)arg1);
}
END
sed -n '1,2p' long.d | sed 's/{$/{ @[probefunc] = count(); }/' >short.d

# added PROGRAM SCRIPT OPTION...: bytes that are added to it.
added() {
    "$MCTRACE" instrument -b "$1" -o "$1.inst" -p "$1.data" -m "$1.json" \
        -s "$2" "${@:3}" 2>&1 | sed -n 's/.* \([0-9]*\) bytes added.*/\1/p'
}

# Machine, compiler, emulator; bytes a site may cost, a tenth above those
# measured.
while read -r machine compiler emulator most; do
    if ! command -v "$compiler" >/dev/null ||
        { [ "$emulator" != - ] && ! command -v "$emulator" >/dev/null; }; then
        skip "$machine" "no $compiler, or no $emulator"
        continue
    fi
    for program in few many; do
        "$compiler" -O1 -static -o $program $program.c || exit 1
    done
    few=$(added ./few long.d)
    each=$((($(added ./many long.d) - few) / 80))
    if [ "$each" -gt 0 ] && [ "$each" -le "$most" ]; then
        ok "$machine/each"
    else
        fail "$machine/each" "a site costs $each bytes, at most $most"
    fi
    rm -f many.data
    ${emulator#-} ./many.inst
    is "$machine/status" 0 $?
    "$MCTRACE" extract -m many.json -p many.data --format=text >said
    is "$machine/records" 240 "$(grep -c '^work[0-9]* [01] [0-9]*$' said)"
    is "$machine/one" "work77 1 77" "$(grep '^work77 1 ' said)"
    is "$machine/keys" 240 "$(grep -c '^  work[0-9]* * [01] *$' said)"
    # What is short stays at its sites, whatever there are of them.
    is "$machine/short" "$(added ./many short.d --call-above=1000000)" \
        "$(added ./many short.d)"
    copied=$(added ./many long.d --call-above=1000000)
    if [ "$copied" -gt $((few + 80 * 300)) ]; then
        ok "$machine/copied"
    else
        fail "$machine/copied" "$copied bytes, of which $few are not copies"
    fi
done <<'END'
x86_64 gcc - 72
aarch64 aarch64-linux-gnu-gcc qemu-aarch64 115
arm arm-linux-gnueabihf-gcc qemu-arm 50
ppc32 powerpc-linux-gnu-gcc qemu-ppc 150
riscv64 riscv64-linux-gnu-gcc qemu-riscv64 117
END

# A debugger finds its way from the code, and from the site, to the caller.
if command -v gdb >/dev/null; then
    gcc -O1 -static -o few few.c
    added ./few long.d >/dev/null
    gdb -batch -ex "break *'mctrace:shape_0'" -ex run -ex bt -ex "stepi 3" \
        -ex bt ./few.inst >gdb.out 2>&1
    is gdb "mctrace:shape_0 mctrace:work0 main mctrace:shape_0 mctrace:work0 main" \
        "$(sed -n 's/^#[0-9]* .* in \(.*\) ().*/\1/p' gdb.out | xargs)"
else
    skip gdb "no gdb"
fi

"$MCTRACE" instrument -b few -o few.inst -p few.data -s long.d \
    --call-above=some >said 2>&1
is usage "2 1" "$? $(grep -c -e '--call-above=some: this is no number' said)"
