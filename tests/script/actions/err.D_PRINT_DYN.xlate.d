BEGIN { print(xlate <long> (1)); }
