BEGIN, END;
read:entry, ::write:return { }
pid$target:a.out:ma*:entry, pid$target::[a-c]?[!x]*:, syscall::: { }
pid123:libc.so.6:foo\(int\):1c { }
17 { }
tick-100ms { }
