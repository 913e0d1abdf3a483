struct s { int x; } a;
struct t { int x; } b;
BEGIN { a = b; }
