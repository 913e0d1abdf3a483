int *p;
BEGIN { bcopy(p, p, 4); }
