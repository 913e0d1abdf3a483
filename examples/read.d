/* How often does the program read? */
int read_calls;
::read:entry
{
    read_calls = read_calls + 1;
}
