/* What is known at a site is no code: these are counters. */
pid$target:a.out:work:entry, pid$target:a.out:leaf:entry
{
    @[probefunc] = count();
    @sizes = lquantize(arg0, 0, 100, 10);
}
