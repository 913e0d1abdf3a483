#!/usr/bin/env python3
"""dump.py SERIAL DUMP ADDRESS SIZE WORD COMMAND...

Starts an emulator with its serial line in the file SERIAL and its monitor at
standard input; when the line has said WORD, SIZE bytes of memory from ADDRESS
on go to DUMP, and it ends. Without a DUMP (-) it only ends. Exit status 1: the
word did not come within a minute."""

import os
import subprocess
import sys
import time

serial, dump, address, size, word = sys.argv[1:6]
emulator = subprocess.Popen(sys.argv[6:] + ["-serial", "file:" + serial,
                                            "-monitor", "stdio", "-display",
                                            "none"],
                            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
deadline = time.monotonic() + 60
said = False
while not said and time.monotonic() < deadline and emulator.poll() is None:
    time.sleep(0.05)
    if os.path.exists(serial):
        with open(serial, "rb") as file:
            said = word.encode() in file.read()
if emulator.poll() is None:
    commands = "" if dump == "-" else f"pmemsave {address} {size} {dump}\n"
    emulator.stdin.write((commands + "quit\n").encode())
    emulator.stdin.flush()
    try:
        emulator.wait(20)
    except subprocess.TimeoutExpired:
        emulator.kill()
sys.exit(not said)
