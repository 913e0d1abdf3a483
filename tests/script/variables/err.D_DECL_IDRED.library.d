int SIGHUP;
BEGIN { }
