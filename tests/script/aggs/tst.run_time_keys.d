char text[16]; int *p;
BEGIN { @a[execname, text, p] = count(); @a["x", "y", 3] = count(); }
BEGIN { @s[usym(arg0), umod(arg0), sym(arg0)] = count(); }
