pid$target:a.out:no_such_function:entry { x = 1; }
