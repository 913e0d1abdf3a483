# Firmware as Debian has it, which nobody here built: it says over its line what
# it said before, and every function is counted as often as the emulator has seen
# it begin.
. "$TOP/tests/lib.sh"
need python3
talk="$TOP/tests/firmware/talk.py"

# ranges REPORT VALUES: the functions that are instrumented, for qemu; without
# those that wait for a time to come, whose log would be long.
ranges() {
    python3 - "$@" <<'END'
import json, sys
sites = json.load(open(sys.argv[1]))["sites"]
often = {e["key"][0] for e in json.load(open(sys.argv[2]))["@"]
         if e["value"] > 20000}
print(",".join(s["va"] + "+1" for s in sites
               if s["tactic"] != "missed" and s["function"] not in often))
END
}
# compare LOG VALUES MOST: of the emulator's log of what was run, and extract's
# JSON. So many functions may differ: those that see how time goes by.
compare() {
    python3 - "$@" <<'END'
import collections, json, re, sys
ran = collections.Counter()
for line in open(sys.argv[1]):
    at = re.match(r"Trace \d+: 0x\w+ \[\w+/0*([0-9a-f]+)/", line)
    if at:
        ran[at[1]] += 1
got = {e["key"][0].removeprefix("sub_"): e["value"]
       for e in json.load(open(sys.argv[2]))["@"]}
wrong = [(at, ran[at], got.get(at, 0)) for at in sorted(ran | got)
         if ran[at] != got.get(at, 0) <= 20000]
print(*(wrong[:9] if len(wrong) > int(sys.argv[3])
        else ["same" if len(got) > 100 else "too few"]))
END
}
echo 'pid$target:a.out::entry { @[probefunc] = count(); }' >count.d

# --- OpenSBI: machine mode, with relocations of its own, and it stays ---

sbi=/usr/lib/riscv64-linux-gnu/opensbi/generic
place="--text-at=0x80060000,0x80000 --data-at=0x800e0000,0x20000"
payload="-device loader,addr=0x80200000,data=0x6f,data-len=4"
# boot SERIAL DUMP OPTION...
boot() {
    "$talk" "$1" "$2" 0x800e0000 0x20000 'Boot HART MEDELEG ' \
        qemu-system-riscv64 -M virt -nic none $payload "${@:3}" 2>said
}
# counted_as TEST FILE VALUES OPTION...: instruments and boots it.
counted_as() {
    "$MCTRACE" instrument --binary="$2" --output="out.${2##*.}" --script=count.d \
        --var-mapping=map --report=report $place "${@:4}" 2>said || {
        fail "$1" "$(head -c 300 said)"
        return 1
    }
    case $2 in
    *.hex) objcopy -I ihex -O binary out.hex out.bin ;;
    *.srec) objcopy -I srec -O binary out.srec out.bin ;;
    *.elf) cp out.elf out.bin ;;
    esac
    boot serial dump -bios out.bin
    "$MCTRACE" extract --var-mapping=map --memory=dump@0x800e0000 >"$3" 2>said
}
opensbi() {
    is opensbi/asks "1 1" "$("$MCTRACE" instrument --binary="$sbi/fw_jump.elf" \
        --output=x --script=count.d $place 2>&1 | grep -c 'B_MOVES') $(
        "$MCTRACE" instrument --binary="$sbi/fw_jump.elf" --output=x \
            --script=count.d $place 2>&1 | grep -c -- '--base=0x80000000')"
    cp "$sbi/fw_jump.elf" sbi.elf
    counted_as opensbi sbi.elf values --base=0x80000000 || return
    cp serial traced
    boot serial - -bios sbi.elf -singlestep -d exec,nochain -D log \
        -dfilter "$(ranges report values)"
    is opensbi/output "" "$(cmp serial traced 2>&1)"
    is opensbi same "$(compare log values 0)"
    # As it comes without headers.
    python3 - >sbi.sym <<'END'
import json
for s in json.load(open("report"))["sites"]:
    print(s["va"][2:], s["function"])
END
    cp "$sbi/fw_jump.bin" sbi.bin
    objcopy -I binary -O ihex --change-addresses=0x80000000 sbi.bin sbi.hex
    objcopy -I binary -O srec --change-addresses=0x80000000 sbi.bin sbi.srec
    local said_base=--base=0x80000000
    for as in bin hex srec; do
        counted_as "opensbi-$as" "sbi.$as" again --arch=riscv64 \
            --entry=0x80000000 --symbols=sbi.sym $said_base &&
            is "opensbi-$as" "" "$(cmp values again 2>&1)"
        said_base=
    done
}
if [ -e "$sbi" ] && command -v qemu-system-riscv64 >/dev/null; then
    opensbi
else
    skip opensbi "no OpenSBI, or no emulator for it"
fi

# Its code begins in A32, before there is a stack that a start could use.
if [ -e /usr/lib/u-boot/qemu_arm/u-boot.bin ]; then
    is a32-raw 1 "$("$MCTRACE" instrument --binary=/usr/lib/u-boot/qemu_arm/u-boot.bin \
        --arch=arm --base=0 --entry=0 --output=x --script=count.d --var-mapping=map \
        --text-at=0x200000 --data-at=0x42000000 2>&1 |
        grep -c 'there is no stack yet.*R_MISSED')"
fi

# --- U-Boot: it copies itself to the end of RAM, and is loaded there ---

uboot=/usr/lib/u-boot/qemu_arm64/uboot.elf
place="--text-at=0x45000000,0x100000 --data-at=0x44000000,0x40000"
dialog='Hit any key||=> |version|=> |crc32 0x40000000 4|=> '
# board SERIAL DUMP TALK OPTION...
board() {
    "$talk" "$1" "$2" 0x44000000 0x40000 "$3" qemu-system-aarch64 -M virt \
        -cpu cortex-a57 -nic none "${@:4}" 2>said
}
# at ADDRESS FILE SCRIPT OPTION...: as if linked for it.
at() {
    "$MCTRACE" instrument --binary="$uboot" --base="$1" --output="$2" \
        --script="$3" --var-mapping=map $place "${@:4}" 2>said && return
    fail uboot "$(head -c 300 said)"
    return 1
}
uboot() {
    board before - "Hit any key||=> |bdinfo|=> " -bios "${uboot%/*}/u-boot.bin"
    where=$(sed -n 's/^relocaddr *= \(0x[0-9a-f]*\).*/\1/p' before)
    echo 'BEGIN { }' >nothing.d
    at "$where" plain.elf nothing.d && at "$where" out.elf count.d \
        --report=report || return
    board serial dump "$dialog" -device loader,file=out.elf,cpu-num=0
    "$MCTRACE" extract --var-mapping=map --memory=dump@0x44000000 >values 2>said
    board before - "$dialog" -device loader,file=plain.elf,cpu-num=0 \
        -d exec,nochain -D log -dfilter "$(ranges report values)"
    is uboot/output "$(sed 's/autoboot.*//' before)" \
        "$(sed 's/autoboot.*//' serial)"
    is uboot/prompt 1 "$(grep -c '^crc32 for 40000000 ... 40000003 ==> ' serial)"
    is uboot same "$(compare log values 30)"
}
if [ -e "$uboot" ] && command -v qemu-system-aarch64 >/dev/null; then
    uboot
else
    skip uboot "no U-Boot, or no emulator for it"
fi
