BEGIN { self->x = "text"; }
END { self->x = 5; }
