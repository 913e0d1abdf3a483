# Firmware as Debian has it, which nobody here built: it says over its line what
# it said before, and every function is counted as often as the emulator has seen
# it begin.
. "$TOP/tests/lib.sh"
need python3
talk="$TOP/tests/firmware/talk.py"

# counted REPORT: the functions that are instrumented, as ranges for qemu.
counted() {
    python3 - "$1" <<'END'
import json, sys
sites = json.load(open(sys.argv[1]))["sites"]
print(",".join(s["va"] + "+1" for s in sites if s["tactic"] != "missed"))
END
}
# compare LOG VALUES: of the emulator's log of what was run, and extract's JSON.
compare() {
    python3 - "$@" <<'END'
import collections, json, re, sys
ran = collections.Counter()
for line in open(sys.argv[1]):
    at = re.match(r"Trace \d+: 0x\w+ \[\w+/0*([0-9a-f]+)/", line)
    if at:
        ran[at[1]] += 1
values = json.load(open(sys.argv[2]))["@"]
got = {e["key"][0].removeprefix("sub_"): e["value"] for e in values}
wrong = [(at, ran[at], got.get(at, 0)) for at in sorted(ran | got)
         if ran[at] != got.get(at, 0)]
print(*(wrong[:5] or ["same" if len(got) > 50 else "too few"]))
END
}
echo 'pid$target:a.out::entry { @[probefunc] = count(); }' >count.d

# --- OpenSBI: machine mode, with relocations of its own ---

sbi=/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_jump.elf
payload="-device loader,addr=0x80200000,data=0x6f,data-len=4"
# boot SERIAL DUMP OPTION...
boot() {
    "$talk" "$1" "$2" 0x800e0000 0x20000 'Boot HART MEDELEG ' \
        qemu-system-riscv64 -M virt -nic none $payload "${@:3}" 2>said
}
if [ ! -e "$sbi" ] || ! command -v qemu-system-riscv64 >/dev/null; then
    skip opensbi "no OpenSBI, or no emulator for it"
elif ! "$MCTRACE" instrument --binary="$sbi" --output=sbi.elf --script=count.d \
    --var-mapping=map --report=report --text-at=0x80060000,0x80000 \
    --data-at=0x800e0000,0x20000 2>said; then
    fail opensbi "$(head -c 300 said)"
else
    boot before - -bios "$sbi" -singlestep -d exec,nochain -D log \
        -dfilter "$(counted report)"
    boot serial dump -bios sbi.elf
    is opensbi/output "" "$(cmp before serial 2>&1)"
    "$MCTRACE" extract --var-mapping=map --memory=dump@0x800e0000 >values 2>said
    is opensbi "same" "$(compare log values)"
fi
