BEGIN { print(xlate <psinfo_t *> (curthread)); }
