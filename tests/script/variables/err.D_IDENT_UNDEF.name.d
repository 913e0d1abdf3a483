int read_calls;
BEGIN { read_calls = read_call + 1; }
