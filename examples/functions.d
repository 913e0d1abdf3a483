/* Every function of the program: how often was it called? */
pid$target:a.out::entry
{
    @[probefunc] = count();
}
