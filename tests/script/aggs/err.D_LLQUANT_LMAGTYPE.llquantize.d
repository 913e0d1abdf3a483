BEGIN { @a = llquantize(arg0, 10, "x", 6, 20); }
