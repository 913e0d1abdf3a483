BEGIN { printf("%lo", (long)3); }
