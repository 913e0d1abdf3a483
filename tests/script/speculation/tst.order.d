int x;
BEGIN { x = 1; speculate(x); trace(1); printf("a"); x = 2; }
BEGIN { commit(x); x = 0; }
BEGIN { discard(x); trace(1); }
BEGIN { if (x) { speculate(x); trace(1); } else { trace(2); } speculate(x); trace(3); }
