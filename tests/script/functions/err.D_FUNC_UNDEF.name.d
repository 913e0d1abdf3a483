BEGIN { exot(1); }
