char *p;
BEGIN { }
