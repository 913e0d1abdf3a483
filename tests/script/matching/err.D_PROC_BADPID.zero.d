pid0:::entry { x = 1; }
