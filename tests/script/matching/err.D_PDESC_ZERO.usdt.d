app$target:::start { x = 1; }
