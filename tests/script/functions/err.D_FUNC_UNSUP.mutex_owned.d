BEGIN { x = mutex_owned(NULL); }
