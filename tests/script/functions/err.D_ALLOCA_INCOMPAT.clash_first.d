int *p;
BEGIN { a = (void *)p; a = alloca(8); }
