#pragma D attributes Stable/Stable/Common execname
BEGIN { x = 1; }
