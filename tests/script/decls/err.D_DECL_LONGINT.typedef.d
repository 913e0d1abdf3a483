typedef int number;
long number x;
