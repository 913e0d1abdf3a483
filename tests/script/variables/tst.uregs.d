nothing:entry { x = uregs[R_SP]; y = uregs[R_PC]; z = uregs[0] + R_RIP; }
