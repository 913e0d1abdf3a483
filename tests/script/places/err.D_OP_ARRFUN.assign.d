int x[5];
int y[5];
BEGIN { x = y; }
