BEGIN { x = *(int (*)(int))arg0; }
