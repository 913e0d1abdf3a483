char c;
BEGIN { @a[probefunc, 1, arg0, c, (short)3] = count(); @b["x"] = sum(1); @c[pid, tid] = max(arg0); }
BEGIN { @a[probename, 2L, 3, 4, 5] = count(); @_ = count(); @ = count(); @count = sum(2); }
