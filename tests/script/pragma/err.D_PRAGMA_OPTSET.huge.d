#pragma D option aggsize=99999999t
BEGIN { }
