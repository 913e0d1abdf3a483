BEGIN { x = alloca(1000); }
