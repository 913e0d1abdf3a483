BEGIN { x = 1; } /* no end
