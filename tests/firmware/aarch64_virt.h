// aarch64_virt.h: qemu's board `virt` of ARM with a processor of 64 bits: a PL011
// at 0x9000000.

#define UART ((volatile uint32_t *)0x9000000)

static void board_init(void) {
}

static void board_put(char c) {
    while (UART[6] & 0x20)
        ;
    UART[0] = (uint8_t)c;
}

static void board_wait(void) {
    __asm__ volatile("wfi");
}
