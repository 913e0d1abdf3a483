int v; BEGIN { x = v.y; }
