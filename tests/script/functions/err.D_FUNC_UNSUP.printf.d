BEGIN { printf("hello"); }
