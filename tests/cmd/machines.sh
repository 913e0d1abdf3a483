# The runtime's part for each machine, compiled for it and run under qemu-user.

check() { # machine triple emulator flags...
    machine=$1 triple=$2 emulator=$3
    shift 3
    if ! command -v "$emulator" >/dev/null || [ ! -d "/usr/$triple" ]; then
        echo "skip $machine: no $emulator or no C library"
        return
    fi
    if clang-19 --target="$triple" -std=c11 -D_GNU_SOURCE \
        -D_FILE_OFFSET_BITS=64 -O2 -static -pthread \
        -fno-builtin -Wall -Wno-macro-redefined -I"$TOP" -I"$TOP/include" \
        -I"$TOP/runtime" "-DMCT_SYS=\"sys/$machine.h\"" "$@" -o "$machine" \
        "$TOP/tests/machine/runtime.c" 2>"$machine.log" &&
        timeout 120 "$emulator" "./$machine" >>"$machine.log" 2>&1; then
        echo "ok $machine"
    else
        cat "$machine.log"
        echo "FAIL $machine: see above"
    fi
}

cd "$WORK" || exit 1
check aarch64 aarch64-linux-gnu qemu-aarch64 -mno-outline-atomics \
    -DMCT_WORDS_BY_HALVES
check arm arm-linux-gnueabihf qemu-arm -mthumb -DMCT_WORDS_BY_HALVES
check ppc32 powerpc-linux-gnu qemu-ppc -Wl,--defsym=mct_base=0
check riscv64 riscv64-linux-gnu qemu-riscv64 -DMCT_WORDS_BY_HALVES

# What disassemblers are told of added code: the trampoline of an ARM function is
# ARM, the copy of the script's code in it Thumb, and its constants are data.
if command -v arm-linux-gnueabihf-gcc >/dev/null; then
    echo '.arm
.globl _start, work
.type work, %function
work: add r0, r0, #1
 bx lr
.size work, . - work
.type _start, %function
_start: bl work
 mov r0, #0
 mov r7, #1
 svc #0' >modes.s
    arm-linux-gnueabihf-gcc -nostdlib -static -o modes modes.s
    echo 'pid$target:a.out:work:entry { @ = count(); }' >modes.d
    "$MCTRACE" instrument --binary=modes --output=modes.out --script=modes.d \
        --var-mapping=modes.json --persistence-file=modes.data 2>/dev/null
    found=$(arm-linux-gnueabihf-objdump -d modes.out |
        sed -n '/<mctrace:work>:/,/^$/p' |
        awk -F'\t' '$3 ~ /^(ldrex|sub$|b$|\.word)/ { printf "%s%s", s, $3; s = " " }')
    case $found in
    "sub ldrex"*" .word") echo "ok modes" ;;
    *) echo "FAIL modes: $found" ;;
    esac
else
    echo "skip modes: no arm-linux-gnueabihf-gcc"
fi
