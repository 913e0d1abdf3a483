#pragma D depends_on nosuch io
BEGIN { }
