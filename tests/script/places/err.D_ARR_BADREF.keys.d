int x[5];
BEGIN { y = x[1, 2]; }
