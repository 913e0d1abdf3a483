struct s { int x : 3; } v;
BEGIN { y = sizeof (v.x); }
