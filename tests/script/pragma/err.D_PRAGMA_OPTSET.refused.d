#pragma D option aggsortkey
BEGIN { }
