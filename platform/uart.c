// uart.c: messages over a serial line, by waiting for it; for `mctrace extract
// --stream=/dev/ttyUSB0`.
//
// Compile for the board, with -DUART_KIND=... and -DUART_BASE=address:
//     UART_16550   PCs, RISC-V `virt`, PowerPC e500 (registers of 1 byte)
//     UART_PL011   ARM's PrimeCell
//     UART_CMSDK   ARM's Cortex-M system design kit (mps2-an385 and its like)
// The line is as fast as the program or its boot loader set it up.

#include "platform.h"

#define UART_16550 1
#define UART_PL011 2
#define UART_CMSDK 3

#ifndef UART_KIND
#error "compile with -DUART_KIND=UART_16550, UART_PL011 or UART_CMSDK"
#endif
#ifndef UART_BASE
#error "compile with -DUART_BASE=address"
#endif

#define BYTE(off) (*(volatile uint8_t *)(UART_BASE + (off)))
#define WORD(off) (*(volatile uint32_t *)(UART_BASE + (off)))

#if UART_KIND == UART_16550
static void put(uint8_t byte) {
    while (!(BYTE(5) & 0x20)) // LSR: the transmitter holds nothing
        ;
    BYTE(0) = byte;
}
#elif UART_KIND == UART_PL011
static void put(uint8_t byte) {
    while (WORD(0x18) & 0x20) // FR: the FIFO is full
        ;
    WORD(0) = byte;
}
#else
static void put(uint8_t byte) {
    WORD(8) |= 1;       // CTRL: the transmitter is on
    while (WORD(4) & 1) // STATE: its buffer is full
        ;
    WORD(0) = byte;
}
#endif

static void put_all(const void *data, size_t size) {
    const uint8_t *bytes = data;
    for (size_t i = 0; i < size; i++)
        put(bytes[i]);
}

void platform_send(int channel, const void *data, size_t size) {
    const uint32_t head[2] = {(uint32_t)channel, (uint32_t)size};
    put_all(head, sizeof head);
    put_all(data, size);
}
