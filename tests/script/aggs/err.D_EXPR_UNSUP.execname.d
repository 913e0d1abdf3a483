BEGIN { @a[execname] = count(); }
