BEGIN { x["a", 1] = 2; y = x["a"]; }
