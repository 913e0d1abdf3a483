/* Each description is read for itself, with arguments of its own. */
syscall::close:entry, syscall::openat:entry { x = args[0]; }
syscall::write:entry, syscall::openat:return /args[0] > 0/ { trace(args[0]); }
proc:::signal-send, proc:::signal-discard { @[args[1]->pr_pid, args[2]] = count(); }
proc:::exec, proc:::exit { trace(args[0]); }
