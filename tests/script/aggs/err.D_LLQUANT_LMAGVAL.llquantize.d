BEGIN { @a = llquantize(arg0, 10, -1, 6, 20); }
