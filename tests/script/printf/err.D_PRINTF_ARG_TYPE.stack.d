BEGIN { printf("%d", ustack()); }
