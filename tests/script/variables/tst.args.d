// args: 0x10 text -3 arg0
BEGIN { a = $1; b = $$2; c = $3; d = $4; e = $$1; }
pid$target::f$1*$2:entry { }
