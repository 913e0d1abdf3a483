char a; signed char b; unsigned char c; short d, e; unsigned short int f;
int g; unsigned h; long i; long int j; unsigned long k; long long l;
unsigned long long int m; long unsigned n; const volatile int o;
int8_t aa; int16_t ab; int32_t ac; int64_t ad; uint8_t ae; uint16_t af;
uint32_t ag; uint64_t ah; size_t ai; pid_t aj; uintptr_t ak; hrtime_t al;
u_longlong_t am; uchar_t an; ushort_t ao; uint_t ap; ulong_t aq; id_t ar;
extern int as; string s, t;
typedef unsigned short port_t; port_t port;
int g;
BEGIN { }
