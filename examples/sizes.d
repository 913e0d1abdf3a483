/* How much does the program ask of malloc(), and how long does that take? */
unsigned long begun;
pid$target:libc.so.6:malloc:entry
{
    begun = timestamp;
    @bytes = quantize(arg0);
}
pid$target:libc.so.6:malloc:return
{
    @nanoseconds = quantize(timestamp - begun);
}
