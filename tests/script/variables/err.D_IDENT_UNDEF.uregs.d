BEGIN { x = uregs[R_NOPE]; }
