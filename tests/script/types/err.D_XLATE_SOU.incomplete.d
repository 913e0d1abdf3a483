translator struct s < long v > { x = 1; };
