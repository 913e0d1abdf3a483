// Numbers are C's; a time without a unit is in nanoseconds.
#pragma D option strsize=0x20
#pragma D option aggsortpos=010
#pragma D option switchrate=1000000
#pragma D option amin=private/UNSTABLE/Unknown
#pragma D option late=dynamic
#pragma D option linkmode=static
int x[string];
BEGIN { y = sizeof (string); }
