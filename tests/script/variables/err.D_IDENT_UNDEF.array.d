BEGIN { trace(never[1]); }
