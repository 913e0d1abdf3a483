char text[16]; double d; float f;
BEGIN { printf("%s %S %.3s\n", "a", execname, text); }
BEGIN { printf("%Y %T\n", walltimestamp, walltimestamp); }
BEGIN { printf("%f %g %e\n", d, f, d); }
BEGIN { printf("100%%\n"); }
