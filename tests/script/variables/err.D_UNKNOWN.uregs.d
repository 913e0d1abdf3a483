BEGIN { x = uregs[42]; }
