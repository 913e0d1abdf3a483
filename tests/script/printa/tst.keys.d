BEGIN { @a[usym(arg0), umod(arg0), uaddr(arg0)] = count(); @s[stack()] = count(); @s[stack(5)] = count(); }
BEGIN { printa("%A %A %A %@d\n", @a); printa("%k%@d\n", @s); }
