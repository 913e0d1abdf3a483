int x[3][string];
