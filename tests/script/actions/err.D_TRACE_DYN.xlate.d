BEGIN { trace(xlate <long> (1)); }
