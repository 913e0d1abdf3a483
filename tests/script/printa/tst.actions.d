BEGIN { @a[probefunc, 1] = count(); @b["x", 2] = quantize(3); @ = count(); }
BEGIN { printa(@a); printa("%s %d %@d %@x\n", @a); printa("%10s %@8d %@d\n", @a, @b); printa(@); }
BEGIN { clear(@a); trunc(@a); trunc(@a, 3); trunc(@a, -2); normalize(@b, 10); denormalize(@b); }
