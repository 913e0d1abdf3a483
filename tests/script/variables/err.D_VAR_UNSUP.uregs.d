BEGIN { x = uregs[R_EFL]; }
