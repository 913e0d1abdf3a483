int c; BEGIN { send(c); }
