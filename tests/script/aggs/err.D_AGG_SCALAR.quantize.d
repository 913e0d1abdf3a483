BEGIN { @a = quantize("a"); }
