BEGIN { x = strtok("x", 3); }
