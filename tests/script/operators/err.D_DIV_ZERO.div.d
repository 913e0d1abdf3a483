BEGIN { x = arg0 / 0; }
