enum e { A };
inline int f[int A, enum e x] = x == A;
