BEGIN { y = sizeof (void); }
