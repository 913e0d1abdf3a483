BEGIN { printf("%ld", 3); }
