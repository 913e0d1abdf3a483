int (*f)(void x);
