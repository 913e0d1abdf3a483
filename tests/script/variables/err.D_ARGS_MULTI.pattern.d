// Which system call it is decides the types.
syscall::*at:entry { trace(args[0]); }
