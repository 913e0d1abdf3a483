// A number of one kind does not become one of the other.
double d;
BEGIN { d = 3; }
