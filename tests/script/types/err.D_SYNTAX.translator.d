struct out { int o; };
translator struct out < int v > o = 1;
