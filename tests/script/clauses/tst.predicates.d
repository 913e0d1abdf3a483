BEGIN / arg0 / 2 / { }
BEGIN /arg0/ { }
BEGIN /arg0 > 1 && arg1 / 2 == (arg2 / 4)/ /* c */ { }
BEGIN / x = 20 / { }
BEGIN /arg0/;
BEGIN /arg1/
