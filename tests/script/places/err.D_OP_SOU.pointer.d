struct s { int x; } v;
BEGIN { y = ((struct s *)arg0).x; }
