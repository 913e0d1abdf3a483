// A system call returns one value.
syscall::write:return { trace(args[1]); }
