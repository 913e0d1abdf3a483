#pragma D option quiet and more
BEGIN { x = 1; }
