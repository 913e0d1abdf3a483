int x[int];
BEGIN { x[1, 2] = 2; }
