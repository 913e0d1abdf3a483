signed double x;
