// Arguments in registers that are no general ones, or in several: floating-point
// numbers, and structures that are passed by value.
#include "scenario.h"

struct small {
    int a, b;
};
struct mixed {
    double d;
    long n;
};
struct two {
    double x, y;
};
struct three {
    float x, y, z;
};
struct apart {
    float f;
    int i;
};
struct bits {
    int a : 3;
    unsigned b : 7;
    long long c : 40;
    long long d;
};
struct __attribute__((packed)) packed {
    char c;
    double d;
};

PROBED double numbers(double d, float f, int n) { return d + f + n; }

PROBED long structures(struct small s, struct mixed m, struct two t, int n) {
    return s.a + s.b + (long)m.d + m.n + (long)t.x + n;
}

PROBED float floats(struct three v, struct apart w, long n) {
    return v.x + v.y + v.z + w.f + w.i + n;
}

PROBED long long fields(struct bits b, struct packed p, int n) {
    return b.a + b.b + b.c + b.d + p.c + (long)p.d + n;
}

PROBED double many(double a, double b, double c, double d, double e, double f,
                   double g, double h, double i, struct two t) {
    return a + b + c + d + e + f + g + h + i + t.x + t.y;
}

PROBED long full(long a, long b, long c, long d, long e, struct small s,
                 struct mixed m) {
    return a + b + c + d + e + s.a + s.b + (long)m.d + m.n;
}

int main(void) {
    struct small s = {1, -2};
    struct mixed m = {.5, 7};
    struct two t = {1.25, -2.5};
    struct three v = {1.5f, 2.5f, 3.5f};
    struct apart w = {.25f, 42};
    struct bits b = {1, 100, 123456789012, 77};
    struct packed p = {'x', 9.75};
    double sum = numbers(2.5, -.5f, 11) + structures(s, m, t, 5) +
                 floats(v, w, 6) + fields(b, p, 8) +
                 many(1, 2, 3, 4, 5, 6, 7, 8, 9.5, t) +
                 full(1, 2, 3, 4, 5, s, m);
    return sum > 123456789000 ? 0 : 1;
}
// >>> cflags
// -g
// >>> script
// #pragma D option quiet
// pid$target:a.out:numbers:entry
// { printf("numbers %f %f %d\n", args[0], args[1], args[2]); }
// pid$target:a.out:numbers:return, pid$target:a.out:many:return
// { printf("%s %f\n", probefunc, args[1]); }
// pid$target:a.out:structures:entry
// {
//     printf("structures %d %d %f %d %f %f %d\n", args[0].a, args[0].b,
//         args[1].d, args[1].n, args[2].x, args[2].y, args[3]);
//     this->whole = args[1];
//     printf("whole %d\n", this->whole.n);
// }
// pid$target:a.out:floats:entry
// {
//     printf("floats %f %f %f %f %d %d\n", args[0].x, args[0].y, args[0].z,
//         args[1].f, args[1].i, args[2]);
// }
// pid$target:a.out:fields:entry
// {
//     printf("fields %d %d %d %d %d %f %d\n", args[0].a, args[0].b, args[0].c,
//         args[0].d, args[1].c, args[1].d, args[2]);
// }
// pid$target:a.out:many:entry
// {
//     printf("many %f %f %f %f %f\n", args[0], args[7], args[8], args[9].x,
//         args[9].y);
// }
// pid$target:a.out:full:entry
// {
//     printf("full %d %d %d %f %d\n", args[4], args[5].a, args[5].b, args[6].d,
//         args[6].n);
// }
// >>> text
// numbers 2.500000 -0.500000 11
// numbers 13.000000
// structures 1 -2 0.500000 7 1.250000 -2.500000 5
// whole 7
// floats 1.500000 2.500000 3.500000 0.250000 42 6
// fields 1 100 123456789012 77 120 9.750000 8
// many 1.000000 8.000000 9.500000 1.250000 -2.500000
// many 44.250000
// full 5 1 -2 0.500000 7
