nothing:entry
/ curpsinfo->pr_fname == "sh" && curcpu->cpu_id == 0 / {
    a = curpsinfo->pr_pid; b = curpsinfo->pr_euid; c = curlwpsinfo->pr_lwpid; d = curthread; e = curpsinfo->pr_dmodel;
    f = stringof(curlwpsinfo->pr_name); g = SIGTERM + DTRACEFLT_LIBRARY; @[curthread] = count();
    h = sizeof (curpsinfo->pr_fname); i = errno == ENOENT; ps = *curpsinfo; j[curthread] = 1;
}
