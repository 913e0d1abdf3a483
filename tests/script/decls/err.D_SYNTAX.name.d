int 3;
BEGIN { }
