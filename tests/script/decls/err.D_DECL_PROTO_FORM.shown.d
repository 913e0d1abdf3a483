provider p { probe a(int x, char *y) : (char *z); };
BEGIN { x = 1; }
