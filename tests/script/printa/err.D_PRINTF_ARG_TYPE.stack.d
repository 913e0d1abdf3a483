BEGIN { @a[stack()] = count(); printa("%p %@d", @a); }
