struct s { int x; } v;
BEGIN { y = stringof(v); }
