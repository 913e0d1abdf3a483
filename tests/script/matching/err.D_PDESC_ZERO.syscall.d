syscall::raed:entry { x = 1; }
