#!/usr/sbin/dtrace -s
// a line
BEGIN /* a block */ { x = 1 /* in between */ + 2; // to the end
}
END // nothing
{ }
