unsigned pid_t x;
BEGIN { }
