BEGIN { x = uregs[R_R11]; }
