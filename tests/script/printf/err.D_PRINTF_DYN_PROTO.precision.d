BEGIN { printf("%s %.*d", "x"); }
