# 1 "probes.d"
# 1 "<built-in>"
# 7 "probes.d"
BEGIN { x = 1; }
