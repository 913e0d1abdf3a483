BEGIN { self->x[1] = 2; y = self->x; }
