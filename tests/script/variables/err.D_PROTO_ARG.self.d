self int x[int];
BEGIN { self->x["a"] = 2; }
