BEGIN { y = &(arg0 + 1); }
