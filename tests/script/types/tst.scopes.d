// D`name and C`name are types that scripts define.
struct pair { int first; char second; };
typedef struct pair pair_t;
BEGIN {
    x = ((struct D`pair *)arg0)->first;
    y = ((D`pair_t *)arg1)->second;
    z = sizeof (C`pair_t);
}
