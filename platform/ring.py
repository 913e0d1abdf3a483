#!/usr/bin/env python3
"""ring.py DUMP >STREAM

Takes the messages of platform/ring.c out of a dump of memory, oldest first, for
`mctrace extract --stream`."""

import struct
import sys

data = open(sys.argv[1], "rb").read()
for order in "<>":
    at = data.find(struct.pack(order + "I", 0x474E4952))
    if at >= 0:
        length, written = struct.unpack_from(order + "II", data, at + 4)
        if at + 12 + length <= len(data):
            break
else:
    sys.exit(f"{sys.argv[1]}: there is no ring in it")
ring = data[at + 12:at + 12 + length]
first = written % length
sys.stdout.buffer.write(ring[first:] + ring[:first] if written >= length
                        else ring[:first])
