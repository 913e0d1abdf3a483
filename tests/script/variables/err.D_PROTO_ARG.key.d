BEGIN { x["a", 1] = 2; }
END { x[1, 1] = 2; }
