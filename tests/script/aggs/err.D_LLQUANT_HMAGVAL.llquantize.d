BEGIN { @a = llquantize(arg0, 10, 3, 2, 20); }
