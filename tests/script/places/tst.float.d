// Floating-point numbers are data: they are kept, but nothing is done to them.
BEGIN { x = *(double *)arg0; this->f = *(float *)arg1; self->x = x; }
