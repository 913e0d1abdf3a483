#pragma D option version=99.1
BEGIN { x = 1; }
