int x;
BEGIN { y = x[1]; }
