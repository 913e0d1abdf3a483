#pragma D option destructive
struct s { int a; char b[10]; } st;
char text[20];
BEGIN { trace(pid); trace("abc"); trace(st); trace((char)1); print(st); }
BEGIN { tracemem(arg0, 20); tracemem(arg0, 32, pid); trace(ipl + stackdepth); trace(caller); }
BEGIN { usym(arg0); umod(arg0); uaddr(arg0); sym(arg0); mod(arg0); func(arg0); ufunc(arg0); }
BEGIN { printf("%s", text); ftruncate(); setopt("quiet"); setopt("quiet", "no"); }
BEGIN { system("ls %d", 3); freopen(""); freopen("/tmp/%d", pid); }
