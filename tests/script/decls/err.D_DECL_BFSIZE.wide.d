struct s { char x : 9; };
