BEGIN { i = 0; x = args[i]; }
