this int x;
BEGIN { }
