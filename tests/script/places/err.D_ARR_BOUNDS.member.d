struct s { char name[4]; };
BEGIN { x = ((struct s *)arg0)->name[4]; }
