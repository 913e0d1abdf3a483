struct later; BEGIN { print((struct later *)alloca(8)); }
