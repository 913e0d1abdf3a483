BEGIN { x = "abc; }
BEGIN { y = 1; }
