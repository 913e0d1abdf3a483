BEGIN { y = sizeof (struct s); }
