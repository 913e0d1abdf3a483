pid$target:a.out:sub_*:ffffffff { x = 1; }
