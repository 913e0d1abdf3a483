BEGIN { x = copyinstr(arg0); }
