BEGIN { copyout(NULL, "x", 3); }
