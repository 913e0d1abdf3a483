// Addresses are those of the program, not of its libraries.
pid$target:libc.so.6:-:1000 { @ = count(); }
