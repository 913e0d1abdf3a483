struct point { int x; short y; char name[8]; struct { long deep; }; };
struct point here, there[3];
self struct point mine;
struct point by_key[int];
struct point *p;
nothing:entry {
    here.x = 1; here.name[2] = 'a'; here.deep = here.y + 1; there[arg0].y = 2; there[1].x++;
    self->mine.x += 4; by_key[3].y = 5; a = by_key[4].x;
    here = there[2]; by_key[5] = here; self->mine = by_key[6]; there[0] = here;
    p = (struct point *)arg0; b = p->x; c = (*p).y; d = p[2].deep; e = p->name[arg1]; there[1] = *p;
    q = &p->y; r = &there[1]; s = *q; t = here.name == "abc"; u = stringof(p->name); name = p->name == "x" ? p->name : "y";
}
