#pragma D option quiet
#pragma D option strsize=16 /* comment */
 # pragma D option BUFSIZE=4m
#pragma D option switchrate=10hz
#pragma D option destructive=no
#pragma D attributes Evolving/Evolving/Common provider own provider
#pragma D attributes Stable/Stable/Common s
#pragma D option aggsortkey
#pragma D option aggsortkeypos=1
#pragma D option aggrate=1ms
#pragma D option stackframes=unset
#pragma D option bufpolicy=RING
#pragma D option iregs=8
#pragma D option cleanrate=50hz
#pragma D option version=1.2.1
#pragma D binding "1.0" s
#pragma D depends_on provider syscall
#pragma ident "@(#)foo"
#ident "foo"
provider own { probe go(int a, char *b) : (char *b, int a); probe stop() : (); };
provider own { probe go(int a, char *b) : (char *b, int a); probe stop(); };
own$target:::go { t = stringof(args[0]); u = args[1]; }
BEGIN { x = sizeof (string); s = "abcdefghijklmnopqrstuvwxyz"; }
