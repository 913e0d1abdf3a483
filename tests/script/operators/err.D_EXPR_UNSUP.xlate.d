BEGIN { x = xlate <int> (arg0); }
