/* System calls by name, and the errors they ended in. */
syscall:::entry
{
    @calls[probefunc] = count();
}
syscall:::return
/errno != 0/
{
    @errors[probefunc, errno] = count();
}
