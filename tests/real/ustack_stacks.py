"""Stacks of a program as lists of `module+offset`, one per line.

Within gdb (gdb -x, after $function and $most are set): those at a breakpoint.
As a program (python3 ustack_stacks.py FILE): those that were recorded, and the
list of what was loaded, out of a persistence file; mctrace/records.h.
"""

import os
import re
import struct
import sys


def name(pc, modules):
    for first, last, path in modules:
        if first <= pc < last:
            file = os.path.basename(path).replace(".inst", "")
            return f"{file}+{pc - first:x}"
    return "?"


def in_gdb():
    most = int(gdb.convenience_variable("most"))
    gdb.execute("break *&" + gdb.convenience_variable("function").string())
    gdb.execute("run")
    for _ in range(most):
        if not gdb.selected_inferior().pid:
            break
        ranges = {}
        with open(f"/proc/{gdb.selected_inferior().pid}/maps") as maps:
            for line in maps:
                mark = re.match(r"(\w+)-(\w+) \S+ \S+ \S+ \S+\s+(\S+)", line)
                if mark:
                    low, high = int(mark[1], 16), int(mark[2], 16)
                    first, _ = ranges.get(mark[3], (low, high))
                    ranges[mark[3]] = (first, high)
        modules = [(a, b, path) for path, (a, b) in ranges.items()]
        frame, out = gdb.newest_frame(), []
        while frame:
            if frame.type() != gdb.INLINE_FRAME:
                out.append(name(frame.pc(), modules))
            frame = frame.older()
        print("STACK", " ".join(out))
        gdb.execute("continue", to_string=True)


def recorded(data):
    stacks, modules, at = [], [], 0
    while (at := data.find(b"CHNK", at)) >= 0:
        length = struct.unpack_from("<I", data, at + 4)[0]
        end, record = at + length, at + 32
        if at % 4096 or length % 4096 or not length:
            at += 1
            continue
        while record < end:
            enabling, len8 = struct.unpack_from("<IH", data, record)
            if len8 == 0:
                break
            count = struct.unpack_from("<I", data, record + 16)[0]
            if enabling == 3:
                text = data[record + 20:record + 20 + count].decode()
                for line in text.splitlines():
                    numbers, path = line.split("\t")[0].split(" ", 1)
                    first, last = numbers.split("-")
                    modules.append((int(first, 16), int(last, 16), path))
            elif enabling >= 16:
                stacks.append(struct.unpack_from(f"<{count}Q", data,
                                                 record + 24))
            record += 8 * len8
        at = end
    return [" ".join(name(pc, modules) for pc in stack) for stack in stacks]


if "gdb" in sys.modules:
    in_gdb()
else:
    with open(sys.argv[1], "rb") as file:
        for stack in recorded(file.read()):
            print("STACK", stack)
