// main.c: a program without an operating system. It adds up, sorts and prints;
// what it prints at the end tells whether all of it is as it was.

#include <stddef.h>
#include <stdint.h>

#include BOARD

#define NOINLINE __attribute__((noinline))
#ifndef IN_RAM
#define IN_RAM // or a section of what start-up code copies
#endif

extern char _data_load[], _data[], _data_end[], _bss[], _bss_end[];

static volatile uint32_t counter;
static uint32_t seed = 12345; // in .data: copied
static uint32_t table[64];    // in .bss: cleared

NOINLINE uint32_t next_number(void) {
    seed = seed * 1664525 + 1013904223;
    return seed >> 8;
}

NOINLINE int compare(uint32_t a, uint32_t b) {
    counter++;
    return (a > b) - (a < b);
}

NOINLINE void sort(uint32_t *items, int count) {
    for (int i = 1; i < count; i++)
        for (int k = i; k > 0 && compare(items[k - 1], items[k]) > 0; k--) {
            uint32_t item = items[k];
            items[k] = items[k - 1];
            items[k - 1] = item;
        }
}

NOINLINE IN_RAM uint32_t fibonacci(uint32_t n) {
    return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

NOINLINE void put_text(const char *text) {
    for (; *text; text++)
        board_put(*text);
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
    put_text(what);
    board_put(' ');
    put_number(number);
    board_put('\n');
}

NOINLINE int check(void) {
    for (size_t i = 1; i < sizeof table / sizeof *table; i++)
        if (table[i - 1] > table[i])
            return 0;
    return 1;
}

void start(void);
void start(void) {
    for (char *to = _data, *from = _data_load; to < _data_end;)
        *to++ = *from++;
    for (char *to = _bss; to < _bss_end;)
        *to++ = 0;
    board_init();
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        table[i] = next_number();
    sort(table, sizeof table / sizeof *table);
    report("fibonacci", fibonacci(12));
    report("compared", counter);
    report("sorted", (uint32_t)check());
    put_text("done\n");
    for (;;)
        board_wait();
}
