struct in { int i; };
struct out { int o; int p; };
translator struct out < struct in *v > { o = v->i; };
BEGIN { x = xlate <struct out *> ((struct in *)arg0)->p; }
