#pragma D option aggsize=-3
BEGIN { }
