// Widths and signs: variables keep what C would keep of a value.
#include "scenario.h"

PROBED long work(long a) { return a; }

int main(void) {
    return (int)work(-1) + 1;
}
// >>> machines
// aarch64 riscv64
// >>> script
// char c; unsigned char uc; short s; unsigned short us; int i; unsigned int ui;
// long l; unsigned long ul; long long ll; uint8_t u8; int16_t i16; uint64_t u64;
// long promoted, wrapped, shifted, compared, mixed, cast, character, hex, octal;
// unsigned long suffix;
// pid$target:a.out:work:entry {
//   c = 200; uc = 200; s = 40000; us = 40000; i = 3000000000; ui = 3000000000;
//   l = arg0; ul = arg0; ll = arg0; u8 = 0x1ff; i16 = 0x18000; u64 = arg0;
//   promoted = uc + uc; wrapped = (int)(ui + ui); shifted = (unsigned)-16 >> 28;
//   compared = (int)-1 < (unsigned)1; mixed = (char)255 + 1u;
//   cast = (unsigned char)arg0; character = 'A' + '\n'; hex = 0xfF; octal = 017;
//   suffix = 18446744073709551615ull;
// }
// >>> json
// {"c": -56, "uc": 200, "s": -25536, "us": 40000, "i": -1294967296,
//  "ui": 3000000000, "l": -1, "ul": 18446744073709551615, "ll": -1, "u8": 255,
//  "i16": -32768, "u64": 18446744073709551615, "promoted": 400,
//  "wrapped": 1705032704, "shifted": 15, "compared": 0, "mixed": 0, "cast": 255,
//  "character": 75, "hex": 255, "octal": 15, "suffix": 18446744073709551615}
