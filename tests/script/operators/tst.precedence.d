long r; int a, b, c;
BEGIN { r = a + b * c; r = a || b ^^ c && a; r = a | b ^ c & a; r = a == b < c; }
BEGIN { r = a << b + c; r = -a - -b; r = !a == ~b; r = a ? b : c ? a : b; }
BEGIN { r = a = b = c; r = (a, b), c; r = a - b - c; r = a & b == c; r = sizeof a + 1; }
BEGIN { r = (char)a + 1; r = (a) + 1; r = a++ + ++b; r = a---b; r = +a; }
