struct s { int x; } v;
BEGIN { y = (int)v; }
