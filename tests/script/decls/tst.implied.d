BEGIN { a = 1; b = 1u; c = 1L; d = "text"; e = arg0; f = pid; g = uid; }
BEGIN { h = timestamp; i = (char)1; j = a < b; k++; l = m = 3ull; n = probefunc; }
