// The kernel's names of types, unless a script uses them for its own.
bool yes;
typedef struct { int x; } u16;
u16 own;
BEGIN { yes = arg0; small = (u8)arg1; own.x = sizeof (u64); }
