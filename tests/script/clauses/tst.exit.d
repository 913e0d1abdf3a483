BEGIN { x = 1; }
BEGIN, END { exit(x); }
dtrace:::END { y = 2; }
