// args: 1 2
BEGIN { x = $1; }
