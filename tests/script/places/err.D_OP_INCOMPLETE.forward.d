struct s;
BEGIN { y = ((struct s *)arg0)->x; }
