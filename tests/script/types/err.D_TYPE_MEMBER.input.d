struct in { int i; };
struct out { int o; int p; };
translator struct out < struct in *v > { o = v->z; };
