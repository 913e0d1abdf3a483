// ppce500.h: qemu's board with a PowerPC e500: a 16550 in the registers of the
// system, which start-up code maps to 0xe0000000.

#define UART ((volatile uint8_t *)0xe0004500)

static void board_init(void) {
}

static void board_put(char c) {
    while (!(UART[5] & 0x20))
        ;
    UART[0] = (uint8_t)c;
}

static void board_wait(void) {
}
