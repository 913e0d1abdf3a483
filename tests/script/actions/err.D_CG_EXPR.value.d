BEGIN { x = exit(1) + 1; }
