int *p, *q;
char *text;
void *any;
int grid[2][3];
nothing:entry {
    p = (int *)arg0; q = p + 2; q = 3 + q; q -= 1; a = q - p; b = p < q; c = p == 0; d = !p && q; e = p ? 1 : 2;
    f = *p + p[1] + *(p + arg1); text = (char *)arg1; s = stringof(text); g = text == "abc"; h = s[2]; any = p; p = any;
    p = NULL; i = grid[1][2]; grid[arg0][1] = 7; j = (uintptr_t)p; k = *(short *)(arg0 + 4); l = (string)arg0; m = s + 2;
    n = arg0 ? p : 0; o = *text++; s = 0; s = (string)any; t = s == NULL;
}
