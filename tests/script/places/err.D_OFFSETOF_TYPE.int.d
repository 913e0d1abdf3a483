BEGIN { y = offsetof(int, x); }
