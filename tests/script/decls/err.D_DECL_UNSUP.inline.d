inline int f(int x) = 3;
BEGIN { }
