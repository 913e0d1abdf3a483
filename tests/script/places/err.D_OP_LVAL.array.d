struct s { int x[3]; } v;
BEGIN { v.x++; }
