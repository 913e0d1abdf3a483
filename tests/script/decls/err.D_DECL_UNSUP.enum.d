enum { A, B } x;
BEGIN { }
