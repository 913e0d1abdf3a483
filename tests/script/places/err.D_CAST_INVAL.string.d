BEGIN { y = (char *)"text"; }
