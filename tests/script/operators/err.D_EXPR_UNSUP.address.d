int v; BEGIN { x = &v; }
