BEGIN { x = args[-1]; }
