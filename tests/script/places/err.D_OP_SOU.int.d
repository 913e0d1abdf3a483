int v;
BEGIN { y = v.x; }
