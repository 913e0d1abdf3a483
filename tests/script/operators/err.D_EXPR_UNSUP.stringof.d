BEGIN { x = stringof(arg0); }
