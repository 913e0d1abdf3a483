int x[int a, string a];
