#pragma D depends_on provider io
BEGIN { x = 1; }
