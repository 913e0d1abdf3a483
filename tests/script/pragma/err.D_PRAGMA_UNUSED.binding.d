#pragma D binding "1.2" nosuch
BEGIN { x = 1; }
