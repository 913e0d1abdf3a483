int i;
BEGIN { a = alloca(8); a = (void *)arg0; }
