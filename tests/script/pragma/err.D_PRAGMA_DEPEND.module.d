#pragma D depends_on module vmlinux
BEGIN { x = 1; }
