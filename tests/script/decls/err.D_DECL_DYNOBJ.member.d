struct s { int x[string]; };
