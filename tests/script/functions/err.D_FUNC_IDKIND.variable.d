BEGIN { x = pid(); }
