# Images of a Cortex-M and others with peculiarities: a checksum in the vector
# table, code that is copied to RAM, flash without room, every format booted;
# places that are the program's.
. "$TOP/tests/lib.sh"
. "$TOP/tests/firmware/boards.sh"
need python3
echo 'int n;
pid$target:a.out:fibonacci:entry, pid$target:a.out:report:entry
{ @[probefunc] = count(); n++; }' >count.d
expected='{"n": 468, "@": [{"key": ["report"], "value": 3}, {"key": ["fibonacci"], "value": 465}]}'

# traced TEST FILE OPTION...: instruments; to OUT of the same suffix.
traced() {
    rm -f "out.${2##*.}"
    "$MCTRACE" instrument --binary="$2" --output="out.${2##*.}" \
        --script=count.d --var-mapping=map "${@:3}" 2>said && return
    fail "$1" "$(head -c 300 said)"
    return 1
}
# booted TEST FILE: its output is the original's, and it has counted.
booted() {
    run_board "$2" dump
    is "$1/output" "$(cat before)" "$(cat serial)"
    is "$1" "$expected" \
        "$("$MCTRACE" extract --var-mapping=map --memory="dump@$ram" 2>&1)"
}
# refused TEST TAG WORDS OPTION...: one error, nothing written.
refused() {
    rm -f out.x
    "$MCTRACE" instrument --output=out.x --script=count.d --var-mapping=map \
        "${@:4}" 2>said
    is "$1" "1 1" "$? $(grep -c "error: .*$3.*\[$2\]" said)"
    [ ! -e out.x ] || fail "$1" "left an output"
}

take_board mps2_an385 && build_board && run_board "$name.elf" || exit 0
mv serial before
mv "$name.elf" fw.elf
objcopy="${compile[0]%gcc}objcopy"
nm -n fw.elf | awk '{ print $1, $3 }' >fw.sym

# --- formats: each is written as it was read, and boots ---

place="--text-at=0x1000 --data-at=0x20002000"
"$objcopy" -O binary fw.elf fw.bin
"$objcopy" -O ihex fw.elf fw.hex
# to_elf FILE: by which qemu loads what a programmer would write to flash.
to_elf() {
    local from=binary
    case $1 in *.hex) from=ihex ;; *.srec) from=srec ;; esac
    "$objcopy" -I "$from" -O elf32-littlearm --set-section-flags .data=alloc,load \
        "$1" flat.elf 2>/dev/null
    "$objcopy" -I "$from" -O binary --gap-fill 0xff "$1" flat.bin
}
image() {
    traced "$1" "$2" --arch=arm --symbols=fw.sym $place "${@:3}" || return
    to_elf "out.${2##*.}"
    booted "$1" flat.bin
}
image raw fw.bin --base=0 --entry=0x41
image raw-even fw.bin --base=0 --entry=0x40
image ihex fw.hex
for len in S19:--srec-len=16 S28:--srec-len=200 S37:--srec-forceS3; do
    "$objcopy" -O srec ${len#*:} fw.elf fw.srec
    image "srec-${len%%:*}" fw.srec --entry=0x41
done
traced placed fw.elf $place && booted placed out.elf

# --- the vector table ---

# The eighth word makes the first eight add up to 0, as boot code of some parts
# wants it before it starts an image.
python3 - <<'END'
import struct
data = bytearray(open("fw.bin", "rb").read())
total = sum(struct.unpack_from("<7I", data, 0))
struct.pack_into("<I", data, 28, -total & 0xffffffff)
open("lpc.bin", "wb").write(data)
END
image vectors lpc.bin --base=0 --entry=0x41 \
    --fix-crc=sum32,unit=4,negate=yes,range=0-0x1c,at=0x1c
is vectors/same "$(head -c 64 lpc.bin | od -An -tx1)" \
    "$(head -c 64 out.bin | od -An -tx1)"
# One over the whole image, over a range that added code lies in, too.
python3 - <<'END'
import zlib
data = open("fw.bin", "rb").read()
data += b"\xff" * (0x4000 - 4 - len(data))
open("crc.bin", "wb").write(data + zlib.crc32(data).to_bytes(4, "little"))
END
image crc crc.bin --base=0 --entry=0x41 \
    --fix-crc=crc32,range=0-0x3ffc,at=0x3ffc
is crc/right yes "$(python3 -c '
import zlib
data = open("out.bin", "rb").read()
print("yes" if zlib.crc32(data[:0x3ffc]).to_bytes(4, "little") ==
      data[0x3ffc:0x4000] else "no")')"

# --- places that are not free ---

raw="--binary=fw.bin --arch=arm --base=0 --entry=0x41 --symbols=fw.sym"
refused in-vectors R_OVERLAP "overlap the program's own" --binary=fw.elf \
    --text-at=0x20
refused in-text R_OVERLAP "overlap the program's own" $raw --text-at=0x100 \
    --data-at=0x20002000
refused in-bss R_OVERLAP "overlap the program's own" --binary=fw.elf \
    --data-at=0x20000010
refused in-stack R_OVERLAP "overlap the program's own" --binary=fw.elf \
    --data-at=0x20000800
# What a raw image's vector table says of its stack.
grep -v stack fw.sym >stackless.sym
refused in-raw-stack R_OVERLAP "overlap the program's stack" --binary=fw.bin \
    --arch=arm --base=0 --entry=0x41 --symbols=stackless.sym --text-at=0x1000 \
    --data-at=0x20000f00
refused each-other R_OVERLAP "overlap the added data" --binary=fw.elf \
    --text-at=0x1000 --data-at=0x1100
refused flash-end R_ROOM "there is room for 256 at 0x3ff00" --binary=fw.elf \
    --text-at=0x3ff00
refused ram-end R_ROOM "there is room for 256 at 0x2001ff00" --binary=fw.elf \
    --data-at=0x2001ff00
refused too-far R_MISSED "cannot be made to lead to added code" --binary=fw.elf \
    --text-at=0x10000000
refused no-place R_ROOM "does not show where flash is free" $raw
refused full-ram R_ROOM "there is room for 64" --binary=fw.elf \
    --data-at=0x20002000,64
# Flash that the program fills.
sed 's/LENGTH = 256K/LENGTH = 700/' "$TOP/tests/firmware/$name.ld" >full.ld
"${compile[@]}" -O1 -ffreestanding -nostdlib -static -Wl,--build-id=none \
    -Wl,-T,full.ld -DBOARD='"mps2_an385.h"' -I"$TOP/tests/firmware" \
    -o full.elf "$TOP/tests/firmware/$name.s" "$TOP/tests/firmware/main.c"
refused full-flash R_ROOM "room for" --binary=full.elf

# --- code in RAM ---

# Too far from added code: missed, and said to be.
build_board "$TOP/tests/firmware/main.c" \
    -DIN_RAM='__attribute__((section(".data.ram"), long_call))' &&
    traced ram "$name.elf" && {
    is ram/said 1 "$(grep -c 'missed pid:a.out:fibonacci:entry.*no room for a far jump' said)"
    run_board out.elf dump
    is ram/output "$(cat before)" "$(cat serial)"
    is ram '{"n": 3, "@": [{"key": ["report"], "value": 3}]}' \
        "$("$MCTRACE" extract --var-mapping=map --memory="dump@$ram" 2>/dev/null)"
}
# Within reach: changed where it is loaded.
take_board riscv_virt && build_board "$TOP/tests/firmware/main.c" \
    -DIN_RAM='__attribute__((section(".data.ram")))' && run_board "$name.elf" && {
    mv serial before
    traced ram-near "$name.elf" --text-at=0x80030000 && booted ram-near out.elf
}

# --- encodings ---

# What begins in A32 is for a processor that has T32 as well; marks among the
# names tell where which is. It is loaded without a header to begin by.
both() {
    "${compile[0]%gcc}nm" -n --special-syms "$name.elf" |
        awk '$2 ~ /[TtWw]/ { print $1, $3 }' >both.sym
    "$objcopy" -O "$2" "$name.elf" "both.$3"
    traced "$1" "both.$3" --symbols=both.sym --text-at=0x40120000 \
        --data-at=0x40210000 "${@:4}" || return
    is "$1/said" "1" "$(grep -c 'missed' said)"
    "$objcopy" -I "$2" -O binary --gap-fill 0xff "out.$3" loaded.bin
    booted "$1" loaded.bin
}
run_board() {
    rm -f serial dump
    "$TOP/tests/firmware/dump.py" serial dump "$ram" 0x20000 done \
        "${emulate[@]}" -device loader,file="$1",addr=0x40100000,force-raw=on \
        -device loader,addr=0x40100000,cpu-num=0 2>said
}
image_at="--base=0x40100000 --entry=0x40100000"
take_board arm_virt && {
    compiler=("${compile[@]}")
    for encoding in thumb arm; do
        compile=("${compiler[@]/-mthumb/-m$encoding}")
        build_board && "$objcopy" -O binary "$name.elf" loaded.bin &&
            run_board loaded.bin || continue
        mv serial before
        both "$encoding-raw" binary bin --arch=arm $image_at
        both "$encoding-named" binary bin --arch=armv7-r $image_at
        both "$encoding-srec" srec srec --arch=armv8-a --entry=0x40100000
    done
    refused small B_MACHINE "too little: ARMv6-M" --binary=both.bin \
        --arch=armv6-m $image_at --symbols=both.sym
}
