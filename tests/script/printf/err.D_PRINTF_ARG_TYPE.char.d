BEGIN { printf("%c", (long)3); }
