#pragma D option a b c
BEGIN { }
