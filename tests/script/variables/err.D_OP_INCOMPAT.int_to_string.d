string x; BEGIN { x = 3; }
