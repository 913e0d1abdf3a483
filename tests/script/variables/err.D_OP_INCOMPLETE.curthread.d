BEGIN { x = curthread->t_pri; }
