BEGIN, { x = 1; }
