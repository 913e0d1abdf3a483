BEGIN { printf("abc %", 1); }
