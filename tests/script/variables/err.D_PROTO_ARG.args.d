BEGIN { x = args["a"]; }
