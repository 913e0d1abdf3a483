BEGIN { x = caller; }
