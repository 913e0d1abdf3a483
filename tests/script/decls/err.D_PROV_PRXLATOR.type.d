// What scripts see is the argument, or a translator makes it.
struct in { int a; };
struct out { int b; };
translator struct out < struct in *p > { b = p->a + 1; };
provider p { probe a(struct in *x, int n) : (struct out *x, long n); };
provider q { probe a(int n, struct in *x) : (struct out *n); };
BEGIN { x = 1; }
