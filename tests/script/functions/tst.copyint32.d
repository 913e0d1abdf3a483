BEGIN { x = copyint32(arg0 + 4) + 1; y = copyint32(-1); }
