BEGIN { x = vmlinux`max_pfn; }
