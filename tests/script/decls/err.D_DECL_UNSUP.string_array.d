string s[64];
BEGIN { }
