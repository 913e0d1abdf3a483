struct s;
struct t { struct s x; };
