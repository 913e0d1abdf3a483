#pragma D attributes Stable/Stable/Common provider nosuch args
BEGIN { x = 1; }
