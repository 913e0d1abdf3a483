#!/usr/bin/env python3
"""talk.py SERIAL DUMP ADDRESS SIZE TALK COMMAND...

Starts an emulator whose serial line is at standard input and output, and holds
a conversation over it: TALK is words to wait for and, in between, what is typed
then, one after the other by `|` (`word|typed|word|typed|word`). When the line
has fallen silent, what it said goes to the file SERIAL, then SIZE bytes of memory from ADDRESS on to DUMP;
without a DUMP (-) it only ends. Exit status 1: a word did not come within a
minute."""

import os
import select
import socket
import subprocess
import sys
import tempfile
import time

serial, dump, address, size, talk = sys.argv[1:6]
folder = tempfile.mkdtemp()
monitor = os.path.join(folder, "monitor")
emulator = subprocess.Popen(
    sys.argv[6:] + ["-display", "none", "-serial", "stdio",
                    "-monitor", f"unix:{monitor},server,nowait"],
    stdin=subprocess.PIPE, stdout=subprocess.PIPE)
said = b""
deadline = time.monotonic() + 60


def wait_for(word, since):
    global said
    while word not in said[since:]:
        if time.monotonic() > deadline or emulator.poll() is not None:
            return False
        if select.select([emulator.stdout], [], [], 0.5)[0]:
            said += os.read(emulator.stdout.fileno(), 65536)
    return True


def hear_out():
    global said
    while select.select([emulator.stdout], [], [], 0.4)[0]:
        more = os.read(emulator.stdout.fileno(), 65536)
        if not more or time.monotonic() > deadline:
            break
        said += more


def type_in(text):
    # No faster than a UART's buffer is emptied.
    for byte in text + b"\r":
        emulator.stdin.write(bytes([byte]))
        emulator.stdin.flush()
        time.sleep(0.002)


words = talk.encode().split(b"|")
arrived = wait_for(words[0], 0)
for typed, word in zip(words[1::2], words[2::2]):
    since = len(said)
    if arrived:
        type_in(typed)
        arrived = wait_for(word, since + len(typed))
hear_out()
if emulator.poll() is None:
    line = socket.socket(socket.AF_UNIX)
    line.connect(monitor)
    commands = "stop\n" + ("" if dump == "-" else
                           f'pmemsave {address} {size} "{dump}"\n') + "quit\n"
    line.sendall(commands.encode())
    try:
        emulator.wait(20)
    except subprocess.TimeoutExpired:
        emulator.kill()
    line.close()
with open(serial, "wb") as file:
    file.write(said)
if os.path.exists(monitor):
    os.unlink(monitor)
os.rmdir(folder)
sys.exit(not arrived)
