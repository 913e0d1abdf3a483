# An application with a C library that others compiled, on a Cortex-M4 with
# floating point, linked as the makers of microcontrollers have it: every entry
# and return counted, in the handler of a timer, too.
. "$TOP/tests/lib.sh"
need arm-none-eabi-gcc qemu-system-arm python3
F=$TOP/tests/firmware
arm-none-eabi-gcc -mcpu=cortex-m4 -mthumb -mfpu=fpv4-sp-d16 -mfloat-abi=hard -Os \
    -T "$F/stm32.ld" --specs=nano.specs -nostartfiles -o app.elf "$F/stm32.c" \
    2>said || {
    skip newlib "no newlib for arm-none-eabi"
    exit 0
}
run() {
    rm -f serial dump
    "$F/dump.py" serial dump 0x20000000 0x20000 done \
        qemu-system-arm -M netduinoplus2 -kernel "$1" 2>/dev/null
}
run app.elf
mv serial before
is runs "filtered 90000
parsed 630
done" "$(tr -d '\r' <before)"
cat >count.d <<'END'
pid$target:a.out::entry { @in[probefunc] = count(); }
pid$target:a.out::return { @out[probefunc] = count(); }
END
instrumented() {
    "$MCTRACE" instrument --binary=app.elf --output=app.out --script=count.d \
        --var-mapping=map "$@" 2>said
}
# Nothing there tells where memory is free.
instrumented
is asks "1 1 1" \
    "$? $(grep -c 'does not show where flash is free' said) $(grep -c 'help: say it by --text-at' said)"
instrumented --text-at=0x8040000
is asks-too "1 1 1" \
    "$? $(grep -c 'does not show where RAM is free' said) $(grep -c 'help: say it by --data-at' said)"
instrumented --text-at=0x8040000 --data-at=0x2001f800
is stack "1 1" "$? $(grep -c "overlap the program's stack, which begins at 0x20020000" said)"
instrumented --text-at=0x8040000 --data-at=0x20010000
is instrumented "0 1" "$? $(grep -c ', 0 missed,' said)"
run app.out
is output "$(cat before)" "$(cat serial)"
"$MCTRACE" extract --var-mapping=map --memory=dump@0x20000000 >values 2>told
is counted "100 100 70 70 1" "$(python3 - <<'END'
import json
j = json.load(open("values"))
into = {e["key"][0]: e["value"] for e in j["@in"]}
out = {e["key"][0]: e["value"] for e in j["@out"]}
print(into["filter"], out["filter"], into["parse"], out["parse"], into["main"])
END
)"
# All that return have done so, but for the handler, which the dump may fall into.
is returned "" "$(python3 - <<'END'
import json
j = json.load(open("values"))
into = {e["key"][0]: e["value"] for e in j["@in"]}
out = {e["key"][0]: e["value"] for e in j["@out"]}
never = {"main", "Reset_Handler", "SysTick_Handler"}
print(*sorted(f for f in out if into.get(f) != out[f] and f not in never))
END
)"
is interrupted yes "$(python3 -c '
import json
j = json.load(open("values"))
ticks = [e["value"] for e in j["@in"] if e["key"] == ["SysTick_Handler"]]
print("yes" if ticks and ticks[0] > 1 else "no")')"
# Each function once, whatever symbols and debug information say of it.
is list "" "$("$MCTRACE" list --binary=app.elf \
    --probe='pid$target:a.out::entry' | awk '{ print $4 }' | sort | uniq -d)"
