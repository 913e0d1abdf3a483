/* Elements are looked up by the runtime; storing zero frees them. */
int64_t calls[int, string];
self string names[int];

pid$target:a.out:leaf:entry
{
    calls[arg0, probefunc]++;
    self->names[arg0] = execname;
    @who[self->names[arg0], pid] = max(calls[arg0, probefunc]);
}

pid$target:a.out:leaf:return
{
    calls[0, "leaf"] = 0;
}
