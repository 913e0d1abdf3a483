BEGIN { x = copyint32(1, 2); }
