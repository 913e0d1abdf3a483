BEGIN { x = curpsinfo->pr_size; }
