pid$target:a.out::beginning { x = 1; }
