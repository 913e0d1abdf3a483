BEGIN { @a = copyint32(1); }
