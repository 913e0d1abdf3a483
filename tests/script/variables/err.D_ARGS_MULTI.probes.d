BEGIN, syscall::write:entry { x = args[0]; }
