int a; BEGIN { send(3); send(1 + 1); }
