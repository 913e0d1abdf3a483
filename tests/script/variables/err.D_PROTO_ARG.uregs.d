BEGIN { x = uregs["sp"]; }
