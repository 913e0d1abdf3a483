#pragma D option switchrate=3weeks
BEGIN { x = 1; }
