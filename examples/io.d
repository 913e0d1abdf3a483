/* Bytes read and written, per descriptor, and the slowest call. */
unsigned long begun;
int fd;
syscall::read:entry, syscall::write:entry
{
    fd = arg0;
    begun = timestamp;
}
syscall::read:return, syscall::write:return
/(long)arg1 > 0/
{
    @bytes[probefunc, fd] = sum(arg1);
    @slowest[probefunc] = max(timestamp - begun);
}
