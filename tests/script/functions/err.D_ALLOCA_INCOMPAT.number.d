// NULL goes with alloca(), another constant does not.
BEGIN { p = (char *)alloca(4); p = NULL; }
BEGIN { p = p == NULL ? (char *)50 : p; }
