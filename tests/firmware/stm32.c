// stm32.c: an application on a Cortex-M4 with a floating-point unit, whose C
// library, newlib, was compiled by others: interrupts and the main program both
// compute with floating point.

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define NOINLINE __attribute__((noinline))
#define WORD(at) (*(volatile uint32_t *)(at))
#define USART    0x40011000

extern uint32_t _estack, _sidata, _sdata, _edata, _sbss, _ebss;
extern char end;

static volatile uint32_t ticks;
static volatile float level = 1.5f;

int main(void);

void SysTick_Handler(void) {
    ticks++;
    level = level * 1.01f;
    if (level > 100)
        level = 1.5f;
}

void Reset_Handler(void) {
    uint32_t *from = &_sidata;
    for (uint32_t *to = &_sdata; to < &_edata;)
        *to++ = *from++;
    for (uint32_t *to = &_sbss; to < &_ebss;)
        *to++ = 0;
    WORD(0xe000ed88) |= 0xf << 20; // CPACR: floating point is on
    __asm__ volatile("dsb\n isb");
    main();
    for (;;)
        ;
}

static void Default_Handler(void) {
    for (;;)
        ;
}

__attribute__((section(".isr_vector"), used)) void *const vectors[16] = {
    &_estack,
    Reset_Handler,
    Default_Handler,
    Default_Handler,
    Default_Handler,
    Default_Handler,
    Default_Handler,
    0,
    0,
    0,
    0,
    Default_Handler,
    Default_Handler,
    0,
    Default_Handler,
    SysTick_Handler};

// What newlib asks for.
int _write(int fd, const char *text, int len) {
    (void)fd;
    for (int i = 0; i < len; i++)
        WORD(USART + 4) = (uint8_t)text[i];
    return len;
}

void *_sbrk(intptr_t len) {
    static char *at;
    char *before = at ? at : &end;
    at = before + len;
    return before;
}

#define NOTHING(name)                                                          \
    int name(void);                                                            \
    int name(void) {                                                           \
        return -1;                                                             \
    }
NOTHING(_close)
NOTHING(_fstat)
NOTHING(_isatty)
NOTHING(_lseek)
NOTHING(_read)

NOINLINE float filter(float x, float *state) {
    *state = *state * 0.9f + x * 0.1f;
    return *state;
}

NOINLINE int parse(const char *command) {
    switch (command[0]) {
    case 'a': return 1;
    case 'b': return (int)strlen(command);
    case 'c': return 7;
    case 'd': return 9;
    case 'e': return 11;
    case 'f': return command[1];
    default: return -1;
    }
}

int main(void) {
    static const char *const commands[] = {"a", "bcd", "c", "d",
                                           "e", "f!",  "z"};
    float state = 0;
    int sum = 0;
    WORD(USART + 12) = 0x2008; // CR1: the transmitter
    WORD(0xe000e014) = 1600;   // SysTick
    WORD(0xe000e018) = 0;
    WORD(0xe000e010) = 7;
    for (int i = 0; i < 100; i++)
        filter((float)i, &state);
    for (int i = 0; i < 70; i++)
        sum += parse(commands[i % 7]);
    while (ticks < 5)
        ;
    printf("filtered %d\nparsed %d\n", (int)(state * 1000), sum);
    printf("done\n");
    for (;;)
        __asm__ volatile("wfi");
}
