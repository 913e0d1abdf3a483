// interrupts.c: a program whose timer interrupts what it is doing, again and
// again, at ever other instructions, and calls the same function. Each side
// counts its calls in a variable of its own, and says so at the end.

#include <stddef.h>
#include <stdint.h>

#define NOINLINE __attribute__((noinline))

static void on_timer(void);
#define BOARD_TICK on_timer
#include BOARD

// No multiple of what the loop takes.
#ifndef PERIOD
#define PERIOD 1999
#endif
#ifndef TICKS
#define TICKS 400
#endif

enum { MAIN, TIMER };

extern char _data_load[], _data[], _data_end[], _bss[], _bss_end[];

static volatile uint32_t calls[2];
static volatile uint32_t mixed;

NOINLINE uint32_t shared(uint32_t side) {
    calls[side]++;
    return side + 3;
}

static void on_timer(void) {
    mixed += shared(TIMER);
}

NOINLINE void put_number(uint32_t number) {
    char digits[10];
    int n = 0;
    do
        digits[n++] = (char)('0' + number % 10);
    while (number /= 10);
    while (n > 0)
        board_put(digits[--n]);
}

NOINLINE void report(const char *what, uint32_t number) {
    while (*what)
        board_put(*what++);
    put_number(number);
    board_put('\n');
}

void start(void);
void start(void) {
    for (char *to = _data, *from = _data_load; to < _data_end;)
        *to++ = *from++;
    for (char *to = _bss; to < _bss_end;)
        *to++ = 0;
    board_init();
    board_timer(PERIOD);
    uint32_t sum = 0;
    while (calls[TIMER] < TICKS)
        sum += shared(MAIN);
    board_timer(0);
    report("main ", calls[MAIN]);
    report("timer ", calls[TIMER]);
    report("same ", sum == calls[MAIN] * 3);
    report("done ", 0);
    for (;;)
        board_wait();
}
