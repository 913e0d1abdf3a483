nonesuch:::entry { x = 1; }
