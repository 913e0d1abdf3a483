#!/usr/bin/env python3
"""The oracle of tests/asm for machines under an emulator, as step.c is for
the host:

    log.py MACHINE OBJDUMP EMULATOR PROGRAM NAME:START:SIZE...   (hexadecimal)

has qemu write down each instruction that it executes, and prints what step.c
prints: `NAME entry 3`, `NAME return 3`, `NAME 1f 12`. What an instruction is,
the disassembler tells; whether a conditional one was carried out is told by
what came next. On ARM a jump behind `mov lr, pc` is a call.
"""

import collections
import re
import subprocess
import sys
import tempfile

# What calls and what returns, as binutils writes it: "mnemonic operands".
CONDITION = "(?:eq|ne|cs|cc|mi|pl|vs|vc|hi|ls|ge|lt|gt|le)?"
CALLS = {
    "arm": rf"blx?{CONDITION}(?:\.[nw])? ",
    "aarch64": r"blr? ",
    "ppc32": r"b\w*?(?:l|la|lrl|ctrl)[+-]?(?: |$)",
    "riscv64": r"(?:call|jalr? (?!zero)(?:ra,)?(?:[a-z0-9]+|-?\d*\(\w+\))\b"
               r"(?!,))",
}
RETURNS = {
    "arm": rf"(?:bx{CONDITION} lr|(?:pop|ldm)\w*(?:\.w)? .*\bpc\b"
           rf"|movs?{CONDITION} pc, lr|ldr{CONDITION}(?:\.w)? pc, \[sp\], )",
    "aarch64": r"ret\b",
    "ppc32": r"b\w*lr[+-]?(?: |$)",
    "riscv64": r"ret\b",
}


def kinds(machine, objdump, program):
    """Length, and "call", "return" or None, by address."""
    listing = subprocess.run([objdump, "-d", "-z", program], check=True,
                             capture_output=True, text=True).stdout
    found, by_hand = {}, False
    for line in listing.split("\n"):
        mark = re.match(r" *([0-9a-f]+):\t([0-9a-f ]+?) *\t(.*)", line)
        if not mark:
            continue
        text = " ".join(mark[3].split()) + " "
        kind = None
        if re.match(CALLS[machine], text) or by_hand:
            kind = "call"
        elif re.match(RETURNS[machine], text):
            kind = "return"
        by_hand = text == "mov lr, pc "
        found[int(mark[1], 16)] = len(mark[2].replace(" ", "")) // 2, kind
    return found


def executed(emulator, program):
    """The addresses of all instructions, one after the other."""
    with tempfile.NamedTemporaryFile() as log:
        subprocess.run([emulator, "-singlestep", "-d", "exec,nochain", "-D",
                        log.name, program], check=True,
                       stdout=subprocess.DEVNULL, env={})
        for line in log:
            mark = re.match(rb"Trace \d+: \S+ \[\w+/(\w+)/", line)
            if mark:
                yield int(mark[1], 16)


def main():
    machine, objdump, emulator, program = sys.argv[1:5]
    functions = [(name, int(start, 16), int(size, 16)) for name, start, size
                 in (f.split(":") for f in sys.argv[5:])]
    inside = {va: (name, start) for name, start, size in functions
              for va in range(start, start + size)}
    known = kinds(machine, objdump, program)
    counts = collections.Counter()
    last_va, last, last_kind = None, None, "call"
    for va in executed(emulator, program):
        here = inside.get(va)
        if last_va is not None:
            length, last_kind = known.get(last_va, (0, None))
            if va == last_va + length:
                last_kind = None
        if last and (last_kind == "return" or
                     here != last and last_kind != "call"):
            counts[last[0], "return"] += 1
        if here and va == here[1] and (here != last or last_kind):
            counts[here[0], "entry"] += 1
        if here:
            counts[here[0], f"{va - here[1]:x}"] += 1
        last_va, last = va, here
    for (name, probe), count in counts.items():
        print(name, probe, count, file=sys.stderr)


if __name__ == "__main__":
    main()
