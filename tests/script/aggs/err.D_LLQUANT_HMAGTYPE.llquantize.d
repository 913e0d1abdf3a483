BEGIN { @a = llquantize(arg0, 10, 0, pid, 20); }
