// Flags of the compiler take no value.
#pragma D option defaultargs=yes
BEGIN { x = 1; }
