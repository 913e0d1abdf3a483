// riscv_virt.h: qemu's board `virt` of RISC-V: a 16550 at 0x10000000.

#define UART ((volatile uint8_t *)0x10000000)

#ifdef BOARD_TICK

// The timer of the CLINT; what it asks for is the handler of the machine's
// traps alone.
#define MTIMECMP ((volatile uint64_t *)0x2004000)
#define MTIME    ((volatile uint64_t *)0x200bff8)

static volatile uint32_t period;

static void __attribute__((interrupt, aligned(4))) on_trap(void) {
    *MTIMECMP = *MTIME + period;
    BOARD_TICK();
}

static void board_timer(uint32_t ticks) {
    __asm__ volatile("csrci mstatus, 8\n csrw mie, zero");
    if (!ticks)
        return;
    period = ticks / 4; // of 10 MHz
    *MTIMECMP = *MTIME + period;
    __asm__ volatile("csrw mtvec, %0" : : "r"(on_trap));
    __asm__ volatile("csrw mie, %0\n csrsi mstatus, 8" : : "r"(0x80));
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
    __asm__ volatile("wfi");
}
