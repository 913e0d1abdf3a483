// riscv_virt.h: qemu's board `virt` of RISC-V: a 16550 at 0x10000000.

#define UART ((volatile uint8_t *)0x10000000)

static void board_init(void) {
}

static void board_put(char c) {
    while (!(UART[5] & 0x20))
        ;
    UART[0] = (uint8_t)c;
}

static void board_wait(void) {
    __asm__ volatile("wfi");
}
