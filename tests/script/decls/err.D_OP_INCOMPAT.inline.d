inline int X = "text";
BEGIN { }
