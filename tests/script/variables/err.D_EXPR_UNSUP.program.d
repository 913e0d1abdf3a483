BEGIN { x = `counter; }
