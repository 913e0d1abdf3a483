translator foo_t < bar_t *b > { x = b->y; };
BEGIN { }
