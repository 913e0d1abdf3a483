BEGIN { x[(void)1] = 2; }
