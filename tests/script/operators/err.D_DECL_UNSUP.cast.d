BEGIN { x = (char *)arg0; }
