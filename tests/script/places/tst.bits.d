struct flags { unsigned a : 3; int b : 5; long c : 40; unsigned char d : 8; } f;
nothing:entry { f.a = 5; f.b = -1; x = f.b; y = f.a + 1; f.c++; f.d |= 3; z = ((struct flags *)arg0)->c; }
