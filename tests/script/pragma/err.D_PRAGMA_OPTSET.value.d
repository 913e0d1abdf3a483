#pragma D option quiet=perhaps
BEGIN { }
