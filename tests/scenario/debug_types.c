// Types of the program, from its debug information: arguments with their types,
// members through pointers, enumerators, bit-fields.
#include "scenario.h"

enum color { RED, GREEN = 5 };
typedef struct list list_t;
struct flags {
    unsigned a : 3;
    int b : 5;
    long long c : 40;
};
struct list {
    list_t *next;
    char name[16];
    enum color color;
    union {
        int i;
        double d;
    };
    struct flags f;
    int grid[2][3];
    unsigned char raw;
    const char *text;
};

PROBED long count(list_t *l, unsigned short n) {
    return l->next ? n : -l->color;
}

int main(void) {
    list_t second = {.name = "second", .color = RED, .raw = 200};
    list_t first = {.next = &second, .name = "first", .color = GREEN,
                    .i = -7, .f = {5, -9, -1234567}, .grid = {{1}, {2, 3, 4}},
                    .text = "a text"};
    return count(&second, 1) == 0 && count(&first, 70) == 70 ? 0 : 1;
}
// >>> cflags -g
// >>> machines
// aarch64 riscv64
// >>> script
// inline int rank_of[list_t *l] = l->grid[1][2] * 10;
// pid$target:a.out:count:entry /args[0]->next/ {
//     color = args[0]->color == GREEN; n = args[1]; i = args[0]->i; second = args[0]->next->name == "second";
//     raw = args[0]->next->raw; b = args[0]->f.b; c = args[0]->f.c; cell = args[0]->grid[1][arg1 - 68];
//     text = stringof(((struct list *)arg0)->text); rank = rank_of[args[0]]; size = sizeof (list_t); off = offsetof(struct list, text);
// }
// pid$target:a.out:count:return { result = args[1]; }
// >>> json
// {"color": 1, "n": 70, "i": -7, "second": 1, "raw": 200, "b": -9, "c": -1234567, "cell": 4, "text": "a text",
//  "rank": 40, "size": 88, "off": 80, "result": 70}
