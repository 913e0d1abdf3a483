// What is elsewhere need not be known in full, and may be without a type.
extern int table[];
extern struct opaque thing;
extern counter_of_mine;
extern int f(int, ...);
BEGIN { counter_of_mine = 3; }
