struct s { int x; } v;
BEGIN { y = v->x; }
