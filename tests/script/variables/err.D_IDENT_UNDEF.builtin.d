BEGIN { x = execnam; }
