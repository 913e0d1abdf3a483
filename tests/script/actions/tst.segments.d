int x;
BEGIN {}
BEGIN /x/ ;
BEGIN { x = 1; }
BEGIN { x = 1; trace(x); x = 2; @ = count(); trace(x); }
BEGIN { x = 1; if (x) { trace(1); } else { x = 2; } x = 3; if (x) trace(2); trace(3); }
BEGIN { exit(x); }
