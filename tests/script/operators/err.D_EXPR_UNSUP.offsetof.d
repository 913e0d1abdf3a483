BEGIN { x = offsetof(struct foo, bar); }
