BEGIN { printf("%k|%k", stack(), ustack(3)); printf("%A %a", usym(arg0), sym(arg0)); }
