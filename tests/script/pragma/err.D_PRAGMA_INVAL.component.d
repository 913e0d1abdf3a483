#pragma D attributes Stable/Stable/Common provider syscall probes
BEGIN { x = 1; }
