#pragma D error this is wrong
BEGIN { x = 1; }
