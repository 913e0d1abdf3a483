# boards.sh: how each board's firmware is built, run and reached; sourced after
# lib.sh as `. "$TOP/tests/firmware/boards.sh"`.
#
# take_board NAME sets what follows; false: a tool of it is missing, skipped.
#     name machine ram       as the board, the machine and its RAM are called
#     compile emulate        commands, as arrays
#     uart                   of platform/uart.c, for the board's own line
# build_board [SOURCE [OPTION...]]  makes $name.elf of a program (main.c) for it
# run_board FILE [DUMP]      boots it; its line goes to `serial`, and when that
#                            has said "done" its RAM to DUMP

boards="riscv_virt aarch64_virt arm_virt mps2_an385 ppce500"

take_board() {
    name=$1
    case $name in
    riscv_virt)
        machine=riscv64 ram=0x80100000
        compile=(riscv64-linux-gnu-gcc -march=rv64imac_zicsr -mabi=lp64
            -mcmodel=medany -fno-pic)
        emulate=(qemu-system-riscv64 -M virt -bios none)
        uart="-DUART_KIND=UART_16550 -DUART_BASE=0x10000000"
        ;;
    aarch64_virt)
        machine=aarch64 ram=0x40200000
        compile=(aarch64-linux-gnu-gcc -mgeneral-regs-only
            -mno-outline-atomics -fno-pic)
        emulate=(qemu-system-aarch64 -M virt -cpu cortex-a57 -nic none)
        uart="-DUART_KIND=UART_PL011 -DUART_BASE=0x9000000"
        ;;
    arm_virt)
        machine=arm ram=0x40200000
        compile=(arm-none-eabi-gcc -march=armv7-a -mthumb -mfloat-abi=soft)
        emulate=(qemu-system-arm -M virt -cpu cortex-a15 -nic none)
        uart="-DUART_KIND=UART_PL011 -DUART_BASE=0x9000000"
        ;;
    mps2_an385)
        machine=arm ram=0x20000000
        compile=(arm-none-eabi-gcc -mcpu=cortex-m3 -mthumb)
        emulate=(qemu-system-arm -M mps2-an385)
        uart="-DUART_KIND=UART_CMSDK -DUART_BASE=0x40004000"
        ;;
    ppce500)
        machine=ppc32 ram=0x200000
        compile=(powerpc-linux-gnu-gcc -mcpu=e500mc -msoft-float -Wa,-me500
            -fno-pic -G0)
        emulate=(qemu-system-ppc -M ppce500 -cpu e500v2_v20 -nic none)
        uart="-DUART_KIND=UART_16550 -DUART_BASE=0xe0004500"
        ;;
    esac
    for tool in "${compile[0]}" "${emulate[0]}"; do
        command -v "$tool" >/dev/null || {
            skip "$name" "no $tool"
            return 1
        }
    done
}

build_board() {
    local source=${1:-$TOP/tests/firmware/main.c}
    "${compile[@]}" -O1 -ffreestanding -nostdlib -nostartfiles -static \
        -I"$TOP/tests/firmware" -Wl,--build-id=none \
        -Wl,-T,"$TOP/tests/firmware/$name.ld" -DBOARD="\"$name.h\"" \
        -o "$name.elf" "${@:2}" "$TOP/tests/firmware/$name.s" "$source" 2>said || {
        fail "$name" "$(head -c 300 said)"
        return 1
    }
}

run_board() {
    rm -f serial ${2:+"$2"}
    "$TOP/tests/firmware/dump.py" serial "${2:--}" "$ram" 0x20000 done \
        "${emulate[@]}" -kernel "$1" 2>said
}

# library SOURCE OPTION...: an object of a platform for the board.
library() {
    "${compile[@]}" -O2 -ffreestanding -I"$TOP" "${@:2}" -c "$1" \
        -o "$(basename "$1" .c).o" 2>said || {
        fail "$name" "$(head -c 300 said)"
        return 1
    }
}
