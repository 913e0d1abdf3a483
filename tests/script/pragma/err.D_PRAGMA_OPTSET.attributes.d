#pragma D option amin=Stable/Stable
BEGIN { x = 1; }
