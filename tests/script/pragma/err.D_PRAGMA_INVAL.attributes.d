#pragma D attributes Stable/Often/Common x
BEGIN { x = 1; }
