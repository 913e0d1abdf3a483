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
