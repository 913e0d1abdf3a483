string s;
BEGIN / s == "a" || s != execname || s < "b" || s <= "c" || s > "d" || s >= probefunc /
{ s = arg0 ? "x" : s; s = (string)"y"; s = stringof(probemod); }
