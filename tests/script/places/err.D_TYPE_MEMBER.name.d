struct s { int length; } v;
BEGIN { y = v.lenght; }
