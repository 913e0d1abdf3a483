BEGIN { stack(); stack(3); ustack(); ustack(5); ustack(5, 100); jstack(); @[ustack()] = count(); @b[stack(), ustack(3)] = count(); @b[stack(), ustack(30)] = count(); printf("%-10A %a", arg0, arg1); }
