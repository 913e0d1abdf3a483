BEGIN
{
    a = arg0; b = arg9; c = cpu; d = errno; e = execname; f = gid; g = id;
    h = pid; i = ppid; j = probefunc; k = probemod; l = probename;
    m = probeprov; n = tid; o = timestamp; p = ucaller; q = uid;
    r = vtimestamp; s = walltimestamp; t = $target; u = NULL;
}
