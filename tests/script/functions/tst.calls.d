char text[8];
BEGIN { a = alloca(16); bcopy(text, a, 8); b = a; copyinto(arg0, 4, (void *)((uintptr_t)a + 8)); }
BEGIN { s = substr("abc", 1); s = substr(text, 1, 2); i = index("abc", "b"); j = rindex(s, "b", 1); s = lltostr(7); }
BEGIN { s = copyinstr(arg0); s = copyinstr(arg0, 8); n = strlen(text); s = strtok(NULL, ","); h = htons(3); }
BEGIN { s = strchr("abc", 'b'); v = strtoll("12"); r = rand(); d = getmajor(arg0); p = copyin(arg0, 8); }
