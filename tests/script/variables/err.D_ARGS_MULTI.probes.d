syscall::close:entry, syscall::openat:entry { x = args[0]; }
