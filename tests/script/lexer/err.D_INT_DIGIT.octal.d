BEGIN { x = 0899; }
