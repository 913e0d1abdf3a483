BEGIN { @a = count(); y = &@a; }
