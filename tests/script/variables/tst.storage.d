self int depth;
self string path;
this uint16_t part;
int opens[string, int];
self int64_t seen[int];
nothing:entry {
    self->depth = 1; self->path = "/tmp"; this->part = 70000; self->new = arg0;
    opens["a", 1] = 2; opens[self->path, self->depth]++; self->seen[3] += arg1;
    last[probefunc, (char)1, arg0] = timestamp;
    self->path = 0;
}
nothing:return / self->depth && this->part < 3 / {
    this->part++; --self->depth; total = opens["a", 1] + self->seen[this->part];
    last[execname, 2, 3] = 0;
}
