translator int < long v > { x = 1; };
