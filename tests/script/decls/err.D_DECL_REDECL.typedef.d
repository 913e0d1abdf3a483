typedef int pid_t; typedef long pid_t;
BEGIN { }
