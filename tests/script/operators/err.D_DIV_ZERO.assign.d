int x; BEGIN { x /= 0; }
