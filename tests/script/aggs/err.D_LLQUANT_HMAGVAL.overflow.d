BEGIN { @a = llquantize(arg0, 10, 0, 19, 10); }
