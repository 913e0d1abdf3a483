struct first { int a; }
struct second { int b; }
BEGIN { x = 1; }
