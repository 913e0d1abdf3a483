// The arguments of system calls and of processes' events have types.
syscall::write:entry, syscall::read:entry { @[args[2]] = sum(args[0]); }
syscall::openat:return { @r[args[0]] = count(); }
proc:::exit { @e[args[0] == CLD_EXITED] = count(); }
proc:::exec { @x[args[0]] = count(); }
proc:::create { @c[args[0]->pr_ppid] = count(); }
