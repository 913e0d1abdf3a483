BEGIN { @a = sum(probefunc); }
