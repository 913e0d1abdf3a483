/* Calls and returns of the functions whose names fit a pattern, and the end. */
int total;
pid$target:a.out:*:entry
/probefunc != "main"/
{
    total++;
    @[probemod, probefunc] = count();
}
END
{
    @ended[probename] = max(total);
}
