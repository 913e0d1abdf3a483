struct inner { char c; short s; };
struct outer {
    char c; struct inner in[3]; long l; union { int i; char b[6]; };
    struct { double d; float f; } fl; long double ld; struct outer *next;
    string text; int (*call)(int, char *); enum { ONE = 1, TWO } e;
};
struct bits { char c; int a : 3; unsigned b : 7; int : 0; long wide : 40; unsigned char t : 8; int : 5; int last : 20; };
union both { struct inner in; int n : 3; };
typedef struct later later_t;
later_t *ahead;
struct later { later_t *next; int value; };
typedef int matrix_t[2][3];
nothing:entry {
    a = sizeof (struct inner); b = sizeof (struct outer); c = sizeof (struct bits); d = sizeof (union both);
    e = offsetof(struct outer, in); f = offsetof(struct outer, l); g = offsetof(struct outer, b);
    h = offsetof(struct outer, fl); i = offsetof(struct outer, ld); j = offsetof(struct outer, next);
    k = offsetof(struct outer, text); l = offsetof(struct outer, call); m = offsetof(struct outer, e);
    n = sizeof (matrix_t); o = sizeof (later_t); p = offsetof(later_t, value); q = sizeof (int *[4]); r = sizeof (int (*)[4]);
    s = TWO + 1; t = sizeof (enum { X }); v = ahead->next->value;
}
