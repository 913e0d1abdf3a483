int a[int];
int b[5];
struct s { int m; } *p;
struct s c[3];
nothing:entry {
    i = 0; a[i++] += 2; a[i]++; b[i++] -= 3; p = 0; p++; q = &(p++)->m; c[i++].m |= 1;
    j = a[tid]--;
}
