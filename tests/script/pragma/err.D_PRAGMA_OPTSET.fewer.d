// DTrace's own machine has eight registers, and no other number will do.
#pragma D option iregs=7
BEGIN { x = 1; }
