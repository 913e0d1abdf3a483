BEGIN { xlate <psinfo_t *> (curthread); }
