// A declared probe has the arguments of its declaration.
provider shop { probe idle(); };
shop$target:::idle { trace(args[0]); }
