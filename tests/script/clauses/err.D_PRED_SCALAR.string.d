BEGIN / "text" / { x = 1; }
