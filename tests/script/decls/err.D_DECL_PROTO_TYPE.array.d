int x[int y[int]];
