#pragma D option iregs=3
BEGIN { }
