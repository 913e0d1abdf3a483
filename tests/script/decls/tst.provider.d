struct order { int id; };
provider shop {
    probe order__done(int id, char *what);
    probe idle(void);
    probe none();
    probe seen(struct order *o, int (*f)(int), string s[3]) : (string s[3], struct order *o);
};
nothing:entry { }
