BEGIN { @a = llquantize(arg0, arg0, 0, 6, 20); }
