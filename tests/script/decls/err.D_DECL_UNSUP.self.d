self int x;
BEGIN { }
