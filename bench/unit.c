// unit.c: what bench/run gives gcc's cc1 to compile: many functions of several
// shapes, made by macros from one another.

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PASTE_(a, b) a##b
#define PASTE(a, b) PASTE_(a, b)

#define FAMILY(id)                                                             \
    struct PASTE(item_, id) {                                                  \
        struct PASTE(item_, id) * next;                                        \
        double weight[4];                                                      \
        unsigned key, flags;                                                   \
    };                                                                         \
    static unsigned PASTE(mix_, id)(unsigned a, unsigned b) {                  \
        for (int i = 0; i < 8; i++) {                                          \
            a ^= b >> (i + (id) % 5);                                          \
            b = (b << 7 | b >> 25) + a * (unsigned)(id + 3);                   \
        }                                                                      \
        return a ^ b;                                                          \
    }                                                                          \
    static double PASTE(fold_, id)(const struct PASTE(item_, id) * item) {     \
        double sum = 0;                                                        \
        for (; item; item = item->next)                                        \
            for (int i = 0; i < 4; i++)                                        \
                sum += item->weight[i] * (item->flags >> i & 1 ? 1 : -1) +     \
                       sqrt((double)item->key);                                \
        return sum;                                                            \
    }                                                                          \
    int PASTE(parse_, id)(const char *s, unsigned *out) {                      \
        unsigned state = 0, value = 0;                                         \
        for (; *s; s++) {                                                      \
            switch ((*s + id) % 11) {                                          \
            case 0: state = 1; break;                                          \
            case 1: value = PASTE(mix_, id)(value, state); break;              \
            case 2: state += value & 3; break;                                 \
            case 3: if (state > 7) return -1; break;                           \
            case 4: value -= (unsigned)*s; break;                              \
            case 5: value = value << 3 | value >> 29; break;                   \
            case 6: state ^= (unsigned)strlen(s); break;                       \
            default: value += state * (unsigned)*s;                            \
            }                                                                  \
        }                                                                      \
        *out = value;                                                          \
        return (int)state;                                                     \
    }                                                                          \
    double PASTE(run_, id)(int n) {                                            \
        struct PASTE(item_, id) *list = NULL, *item;                           \
        char text[64];                                                         \
        for (int i = 0; i < n; i++) {                                          \
            if (!(item = calloc(1, sizeof *item)))                             \
                break;                                                         \
            snprintf(text, sizeof text, "%d of %d", i, n);                     \
            item->flags = (unsigned)PASTE(parse_, id)(text, &item->key);       \
            item->weight[i & 3] = (double)i / (id + 1);                        \
            item->next = list;                                                 \
            list = item;                                                       \
        }                                                                      \
        double result = PASTE(fold_, id)(list);                                \
        while ((item = list)) {                                                \
            list = item->next;                                                 \
            free(item);                                                        \
        }                                                                      \
        return result;                                                         \
    }

#define TEN(n)                                                                 \
    FAMILY(PASTE(n, 0)) FAMILY(PASTE(n, 1)) FAMILY(PASTE(n, 2))                \
    FAMILY(PASTE(n, 3)) FAMILY(PASTE(n, 4)) FAMILY(PASTE(n, 5))                \
    FAMILY(PASTE(n, 6)) FAMILY(PASTE(n, 7)) FAMILY(PASTE(n, 8))                \
    FAMILY(PASTE(n, 9))

TEN(1) TEN(2) TEN(3) TEN(4) TEN(5) TEN(6)
