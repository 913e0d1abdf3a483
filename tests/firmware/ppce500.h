// ppce500.h: qemu's board with a PowerPC e500: a 16550 in the registers of the
// system, which start-up code maps to 0xe0000000.

#define UART ((volatile uint8_t *)0xe0004500)

#ifdef BOARD_TICK

// The decrementer. The stub keeps for what it interrupts all that functions may
// change.
static volatile uint32_t period;

void on_decrementer(void);
void __attribute__((used)) on_decrementer(void) {
    __asm__ volatile("mtspr 336, %0" : : "r"(0x08000000)); // TSR: it was seen
    __asm__ volatile("mtspr 22, %0" : : "r"(period));
    BOARD_TICK();
}

extern char decrementer[];
__asm__(".balign 16\n"
        ".type decrementer, @function\n"
        "decrementer:\n"
        "stwu 1, -160(1)\n stmw 2, 16(1)\n stw 0, 136(1)\n"
        "mflr 3\n mfctr 4\n mfcr 5\n mfxer 6\n"
        "stw 3, 140(1)\n stw 4, 144(1)\n stw 5, 148(1)\n stw 6, 152(1)\n"
        "bl on_decrementer\n"
        "lwz 3, 140(1)\n lwz 4, 144(1)\n lwz 5, 148(1)\n lwz 6, 152(1)\n"
        "mtlr 3\n mtctr 4\n mtcr 5\n mtxer 6\n"
        "lwz 0, 136(1)\n lmw 2, 16(1)\n addi 1, 1, 160\n rfi\n"
        ".size decrementer, . - decrementer\n");

static void board_timer(uint32_t ticks) {
    uint32_t at = (uint32_t)decrementer;
    __asm__ volatile("wrteei 0");
    if (!ticks)
        return;
    period = ticks * 32;
    __asm__ volatile("mtspr 63, %0" : : "r"(at & 0xffff0000)); // IVPR
    __asm__ volatile("mtspr 410, %0" : : "r"(at & 0xffff));    // IVOR10
    __asm__ volatile("mtspr 22, %0" : : "r"(period));          // DEC
    __asm__ volatile("mtspr 340, %0" : : "r"(0x04000000));     // TCR: DIE
    __asm__ volatile("wrteei 1");
}

#endif

static void board_init(void) {
}

static void board_put(char c) {
    while (!(UART[5] & 0x20))
        ;
    UART[0] = (uint8_t)c;
}

static void board_wait(void) {
}
