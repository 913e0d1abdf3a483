/* Widths, wrapping and order are D's, whatever C makes of its own types. */
char narrow;
unsigned int plain;
int64_t wide;
string name;

BEGIN
{
    narrow = 100;
}

pid$target:a.out:work:entry
/arg0 > 2 && arg1 != -1/
{
    narrow += 100;
    plain = (plain << (arg0 & 7)) - 1;
    wide = wide + (wide = arg1) / (arg0 - 1);
    wide = -wide % 7 ^ ~wide;
    name = probefunc > "leaf" ? strjoin(name, "*/") : name;
    this->both = arg0 == 3 || wide++ > 5;
    self->last = this->both;
}

pid$target:a.out:work:return
/self->last/
{
    @["returned", arg1 & 0xff] = sum(self->last);
    self->last = 0;
}
