void *p;
BEGIN { x = p + 1; }
