/* Each row that is shown is a record; one that fails is taken back. */
int64_t wide;

pid$target:a.out:leaf:entry
{
    printf("%d %s %d\n", arg0, copyinstr(arg1), 100 / arg1);
}

pid$target:a.out:work:return
/arg1 != 0/
{
    if (arg1 > 10) {
        trace(arg1);
        ustack(4);
    } else {
        self->spec = speculation();
        speculate(self->spec);
        trace("small");
    }
}

pid$target:a.out:work:entry
{
    @ = count();
    wide = *(int64_t *)alloca(8);
}

END
{
    printa(@);
    exit(wide != 0);
}
