char c; unsigned short s; long l; unsigned long u;
BEGIN { c = 300; c += 1; c -= l; s *= 2; l /= 3; u %= l; c <<= 2; c >>= l; }
BEGIN { s &= 1; s |= u; l ^= c; c++; ++s; l--; --u; l = c++; l = --s; }
