// Arguments of a probe that the script declares have its types.
provider shop {
    probe order__done(int id, char *what);
};
shop$target:::order-done { @[args[0]] = count(); @t[stringof(args[1])] = count(); }
shop*:::order-* { @u[args[0]] = count(); }
