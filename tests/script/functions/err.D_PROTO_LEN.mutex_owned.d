BEGIN { x = mutex_owned(); }
