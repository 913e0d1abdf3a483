BEGIN { ustack(3, -1); }
