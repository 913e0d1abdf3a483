/* nothing */
int x;
