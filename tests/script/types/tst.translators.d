struct in { int ii; char ic; struct in *next; };
struct out { int oi; char oc[8]; long ol; };
struct outer { struct out o; int n; };
translator struct out < struct in *p > { oi = p->ii + 1; oc = "text"; };
translator struct out < struct in v > { ol = v.ii; };
translator struct outer < struct in *p > { o = xlate <struct out> (p->next); n = p->ii; };
translator struct out < int > { oi = 7; };
translator struct out < long n > { oi = n; };
inline struct out *cur = xlate <struct out *> ((struct in *)arg0);
inline struct out of[long n] = xlate <struct out> (n);
struct in s;
struct out t;
nothing:entry {
    a = xlate <struct out *> ((struct in *)arg0)->oi; b = xlate <struct out> (s).ol; c = cur->oi; d = (*cur).oc == "x";
    e = xlate <struct outer> ((struct in *)arg1).o.oi; f = of[arg0 + 1].oi; t = xlate <struct out> (*(struct in *)arg0);
    u = of[arg2]; g = xlate <struct out> (5).oi; string_of = stringof(cur->oc);
}
