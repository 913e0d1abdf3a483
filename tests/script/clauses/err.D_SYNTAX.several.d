BEGIN { x = ; }
BEGIN { y = 1; z = q; }
BEGIN { if x { } }
BEGIN { y = "text"; }
