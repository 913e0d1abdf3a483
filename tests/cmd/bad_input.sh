# Bad input: one clear line, exit status 1 (2 for usage), nothing left behind, and
# no complaint of the sanitizers, in case there is a build with them.
. "$TOP/tests/lib.sh"
need gcc
printf 'int main(void) { return 0; }\n' >main.c
gcc -o good main.c
gcc -static -o static main.c
echo 'pid$target:a.out:main:entry { @ = count(); }' >good.d
mkdir out

# refused TEST STATUS TAG OPTION...: with each mctrace there is.
refused() {
    local test=$1 status=$2 tag=$3 found what
    shift 3
    for mctrace in "$MCTRACE" "$MCTRACE_ASAN"; do
        [ -x "$mctrace" ] || continue
        what=$test
        [ "$mctrace" = "$MCTRACE" ] || what=$test/asan
        "$mctrace" "$@" >said.out 2>said
        found=$?
        if [ $found != "$status" ]; then
            fail "$what" "exit status $found: $(head -c 400 said)"
        elif ! grep -q "$tag" said; then
            fail "$what" "no $tag: $(head -c 400 said)"
        elif [ "$(grep -c 'error: ' said)" != 1 ]; then
            fail "$what" "$(grep -c 'error: ' said) errors: $(head -c 400 said)"
        elif [ -n "$(find out -type f -o -name '*.libs')" ]; then
            fail "$what" "left $(find out | tail -n +2 | tr '\n' ' ')"
            rm -rf out/*
        else
            ok "$what"
        fi
    done
}

# with_binary TEST TAG FILE
with_binary() {
    refused "$1" 1 "$2" instrument --binary="$3" --output=out/p \
        --var-mapping=out/m --persistence-file=out/d --script=good.d
}

# with_script TEST TAG TEXT
with_script() {
    printf '%s\n' "$3" >bad.d
    refused "$1" 1 "$2" instrument --binary=good --output=out/p \
        --var-mapping=out/m --persistence-file=out/d --script=bad.d
}

with_binary missing U_FILE no-such-file
with_binary folder U_FILE out
with_binary text B_FORMAT main.c
: >empty
with_binary empty B_ empty
with_binary script B_FORMAT "$TOP/tests/run"
for length in 3 16 63 64 100 400 1000 4000 9000 15000; do
    head -c $length good >short
    with_binary "truncated-$length" B_ short
done

# patch FILE OFFSET BYTES: a copy with bytes changed, as ./patched
patch() {
    cp "$1" patched
    printf "$3" | dd of=patched bs=1 seek="$2" conv=notrunc status=none
}
patch good 18 '\026\000' # S/390
with_binary machine B_MACHINE patched
printf '.globl _start\n_start: nop\n' | clang-19 -target riscv32 -x assembler \
    -nostdlib -fuse-ld=lld-19 -o rv32 -
with_binary riscv32 "riscv64: 64 bits" rv32
patch good 18 '\003\000'
with_binary i386 B_ patched
patch good 4 '\001'
with_binary class-32 B_ patched
patch good 5 '\002'
with_binary byte-order B_ patched
patch good 16 '\001\000'
with_binary relocatable B_KIND patched
patch good 16 '\004\000'
with_binary core-file B_ patched
patch good 32 '\377\377\377\377\377\377\377\177'
with_binary segments-far B_ patched
patch good 56 '\377\377'
with_binary segments-many B_ patched
patch good 54 '\001\000'
with_binary segment-size B_ patched
patch static 96 '\377\377\377\377\377\377\377\377'
with_binary segment-length B_ patched

# Headers that lie in less obvious ways: refused or instrumented, never a crash.
survived=0
for offset in $(seq 24 8 400) $(seq 440 24 1000); do
    patch good "$offset" '\377\377\377\377\377\377\377\017'
    for mctrace in "$MCTRACE" "$MCTRACE_ASAN"; do
        [ -x "$mctrace" ] || continue
        timeout 60 "$mctrace" instrument --binary=patched --output=out/p -Z \
            --var-mapping=out/m --persistence-file=out/d --script=good.d \
            >/dev/null 2>said
        status=$?
        rm -rf out/*
        if [ $status -gt 1 ]; then
            fail "lying-$offset" "status $status: $(grep -E 'ERROR|runtime' said |
                head -c 300)"
        else
            survived=$((survived + 1))
        fi
    done
done
[ $survived -gt 0 ] && ok lying-headers

with_script syntax D_SYNTAX 'pid$target:a.out:main:entry { @ = count( }'
is syntax-place 1 "$("$MCTRACE" instrument --binary=good --output=out/p \
    --persistence-file=out/d --script=bad.d 2>&1 |
    grep -c '^bad\.d:1:[0-9]*: error: ')"
is syntax-caret 1 "$("$MCTRACE" instrument --binary=good --output=out/p \
    --persistence-file=out/d --script=bad.d 2>&1 | grep -c '^ *| *^')"
with_script empty-script D_EMPTY ''
with_script no-match D_PROC_FUNC 'pid$target:a.out:nothing:entry { x = 1; }'
with_script provider D_PDESC_ZERO 'io:::start { x = 1; }'
with_script no-call D_PDESC_ZERO 'syscall::reed:entry { x = 1; }'
with_script undefined D_IDENT_UNDEF 'BEGIN { x = y; }'
with_script binary-script D_ "$(head -c 300 good | tr '\0' ' ')"
head -c 200000 /dev/zero | tr '\0' '(' >deep
with_script deep D_ "BEGIN { x = $(cat deep); }"
"$MCTRACE" instrument --binary=good --output=out/p -Z --var-mapping=out/m \
    --persistence-file=out/d -n 'pid$target:a.out:nothing:entry { x = 1; }' 2>said
is allow-zero 0 $?
rm -rf out/*

refused no-command 2 '' no-such-command
refused no-option 2 U_USAGE instrument --no-such-option
refused no-value 2 U_USAGE instrument --binary
refused no-binary 2 U_USAGE instrument --output=out/p
refused no-script 2 '' instrument --binary=good --output=out/p \
    --persistence-file=out/d
refused script-missing 1 U_FILE instrument --binary=good --output=out/p \
    --persistence-file=out/d --script=no-such.d
refused output-folder 1 U_FILE instrument --binary=good --output=no/such/p \
    --persistence-file=out/d --script=good.d
refused mapping-folder 1 U_FILE instrument --binary=good --output=out/p \
    --var-mapping=no/such/m --persistence-file=out/d --script=good.d
refused output-is-input 1 '' instrument --binary=good --output=good \
    --persistence-file=out/d --script=good.d
is input-kept 0 "$(./good; echo $?)"
if [ "$(id -u)" != 0 ]; then
    chmod 555 out
    refused read-only 1 U_FILE instrument --binary=good --output=out/p \
        --persistence-file=d --script=good.d
    chmod 755 out
elif command -v setpriv >/dev/null && chmod 755 . &&
    setpriv --reuid=65534 --clear-groups test -r good; then
    setpriv --reuid=65534 --clear-groups "$MCTRACE" instrument --binary=good \
        --output=out/p --persistence-file=d --script=good.d 2>said
    is read-only 1 $?
    is read-only-said 1 "$(grep -c U_FILE said)"
else
    skip read-only "root may write everywhere"
fi
if [ "$(id -u)" = 0 ] && mkdir small && mount -t tmpfs -o size=8k tmpfs small \
    2>/dev/null; then
    for mctrace in "$MCTRACE" "$MCTRACE_ASAN"; do
        [ -x "$mctrace" ] || continue
        "$mctrace" instrument --binary=good --output=small/p \
            --var-mapping=out/m --persistence-file=out/d --script=good.d 2>said
        is full-disk 1 $?
        is full-disk-said 1 "$(grep -c U_FILE said)"
        is full-disk-left "" "$(ls -A small; ls -A out)"
    done
    umount small
else
    skip full-disk "no tmpfs of one's own"
fi

# Telemetry and mappings.
"$MCTRACE" instrument --binary=good --output=p --var-mapping=m \
    --persistence-file="$PWD/d" --script=good.d 2>said
./p
"$MCTRACE" instrument --binary=static --output=p2 --var-mapping=m2 \
    --persistence-file="$PWD/d2" --script=good.d 2>said
# with_data TEST TAG MAPPING DATA
with_data() {
    refused "$1" 1 "$2" extract --var-mapping="$3" --persistence-file="$4"
}
is good '{"@": 1}' "$("$MCTRACE" extract --var-mapping=m --persistence-file=d)"
with_data no-data U_FILE m nothing
with_data no-mapping U_FILE nothing d
with_data data-text T_FORMAT m main.c
with_data data-empty T_ m empty
with_data other-binary T_IDENTITY m2 d
with_data mapping-text T_MAPPING main.c d
with_data mapping-empty T_MAPPING empty d
echo '{}' >braces
with_data mapping-braces T_MAPPING braces d
head -c 200 m >short
with_data mapping-short T_MAPPING short d
for length in 4 20 100 247 300; do
    head -c $length d >short
    with_data "data-short-$length" T_ m short
done
for offset in 0 8 12 14 16 40 48 56 64 72; do
    cp d patched
    printf '\377\376\375\374' |
        dd of=patched bs=1 seek=$offset conv=notrunc status=none
    with_data "data-damaged-$offset" T_ m patched
done
refused format 2 '' extract --var-mapping=m --persistence-file=d --format=xml
refused no-mapping-inside 1 B_NOT_OURS extract --binary=good \
    --persistence-file=d
refused list-text 1 B_FORMAT list --binary=main.c
refused list-probe 1 'D_PDESC_INVAL\|D_SYNTAX' list --binary=good \
    --probe=a:b:c:d:e
