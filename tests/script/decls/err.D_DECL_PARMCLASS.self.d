int x[self int];
