int x[int];
BEGIN { y = sizeof (x); }
