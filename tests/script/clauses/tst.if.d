BEGIN
{
    if (arg0) x = 1;
    if (arg0 > 1) { x = 2; y = 3 } else { x = 4; }
    if (arg0) ; else if (arg1) x = 5; else x = 6;
    if (arg0) { }
    { x = 7; { y = 8; } }
    if (x) if (y) x = 9; else x = 10;
}
