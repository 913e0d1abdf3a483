int *p;
BEGIN { a = pid ? alloca(8) : (void *)p; }
