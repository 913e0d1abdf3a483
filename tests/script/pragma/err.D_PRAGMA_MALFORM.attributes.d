#pragma D attributes Stable/Stable/Common
BEGIN { x = 1; }
