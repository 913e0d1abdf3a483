BEGIN { ustack(3, 10, 5); }
