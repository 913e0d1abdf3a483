// A name and an asterisk are a type and the asterisk of a pointer, unless there
// is a colon or no type of the name; the option pspec makes them a probe's.
typedef int number;
number*p;
char**q;
syscall::re*ad:entry { p = 0; }
