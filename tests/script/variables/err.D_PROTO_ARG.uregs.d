BEGIN { i = R_SP; x = uregs[i]; }
