// No list of keys may be longer than the option says.
#pragma D option tregs=3
BEGIN { a[1, 2, 3] = 1; @[1, 2, "c"] = count(); }
END { b[1, 2, 3, 4] = 1; }
