// Nothing is known of probes whose descriptions say too much: what is made of
// their arguments is not told of as well.
syscall::clcall::try, syscall::openat:entryopenat:entry { x = args[0]; }
a:b:c:d:e { self->y = args[0]; this->z = args[1]; s[args[0]] = args[0] ? 1 : 2; }
a:b:c:d:e { @[args[0]] = sum(args[0]); trace(*args[0]); x = args[0]->m; }
a:b:c:d:e / args[0] == 1 / { x = args[0]; }
