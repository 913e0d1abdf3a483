typedef int pid_t; typedef string pid_t;
