foo_t x;
BEGIN { x = 1; }
