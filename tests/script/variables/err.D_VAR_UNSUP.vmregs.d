BEGIN { x = vmregs[1]; }
