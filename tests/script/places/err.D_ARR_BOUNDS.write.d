int x[5];
BEGIN { x[-1] = 0; }
