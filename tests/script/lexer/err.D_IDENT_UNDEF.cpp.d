# 7 "probes.d" 2
BEGIN { x = y; }
#line 100
BEGIN { x = z; }
