inline int sum[int a, int b] = a + b;
inline int twice[int a] = sum[a, a];
inline string name[int n] = n > 0 ? "yes" : "no";
struct s { int x; char text[8]; };
struct s v;
inline struct s same = v;
inline int part[struct s *p] = p->x;
nothing:entry {
    i = sum[arg0, 2]; j = twice[twice[i]]; k = name[j]; l = same.x; m = part[(struct s *)arg1]; n = sum[twice[1], 3] * 2;
}
