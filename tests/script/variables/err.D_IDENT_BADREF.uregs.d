BEGIN { x = uregs; }
