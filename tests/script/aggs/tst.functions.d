BEGIN
{
    @ = count(); @s = sum(arg0); @mi = min(arg0); @ma = max(1); @av = avg(arg0);
    @sd = stddev(arg0); @q = quantize(arg0); @qi = quantize(arg0, 2);
    @l = lquantize(arg0, -10, 10); @l2 = lquantize(arg0, 0, 100, 10);
    @l3 = lquantize(arg0, 0, 100, 10, -2); @ll = llquantize(arg0, 10, 0, 6, 20);
    @l5 = llquantize(arg0, 10, 2, 6, 50, arg1); @l4 = llquantize(arg0, 10, 0, 3, 5);
}
