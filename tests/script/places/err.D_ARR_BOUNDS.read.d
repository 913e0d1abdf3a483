int x[5];
BEGIN { y = x[5]; }
