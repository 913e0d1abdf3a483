// Declared again a provider is the same.
provider p { probe a(int x); };
provider p { probe a(int y); };
provider p { probe a(char *x); };
BEGIN { x = 1; }
