// mps2_an385.h: ARM's board with a Cortex-M3, as qemu has it: CMSDK's UART at
// 0x40004000, SysTick.

#define UART ((volatile uint32_t *)0x40004000)

static volatile uint32_t ticks;

#ifndef BOARD_TICK
#define BOARD_TICK() ((void)0)
#endif

void on_tick(void);
void on_tick(void) {
    ticks++;
    BOARD_TICK();
}

// SysTick, every so many of its own ticks; 0: off.
static void board_timer(uint32_t period) {
    *(volatile uint32_t *)0xe000e014 = period;         // reload,
    *(volatile uint32_t *)0xe000e018 = 0;              // current value,
    *(volatile uint32_t *)0xe000e010 = period ? 7 : 0; // clock, interrupt, on
}

static void board_init(void) {
    UART[2] = 1; // CTRL: the transmitter
    board_timer(25000);
}

static void board_put(char c) {
    while (UART[1] & 1)
        ;
    UART[0] = (uint8_t)c;
}

static void board_wait(void) {
    __asm__ volatile("wfi");
}
