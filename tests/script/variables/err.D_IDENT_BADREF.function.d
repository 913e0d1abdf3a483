BEGIN { x = copyint32; }
