#pragma D depends_on library io.d
BEGIN { x = 1; }
