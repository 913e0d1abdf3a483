"""Calls of every function from a callgrind output file: NAME COUNT lines.

    callgrind_calls.py FILE [OBJECT]    only functions of files named OBJECT

In the format, `fn=(3) name` begins a function's own costs and is where its
calls stand: `cob=`, `cfn=`, then `calls=COUNT ...`. A name stands once, later
its number only.
"""
import collections
import os
import re
import sys

names, calls = {"fn": {}, "ob": {}}, collections.Counter()
current, callee, callee_object = None, None, None


def resolve(kind, text):
    mark = re.match(r"\((\d+)\)(?: (.*))?", text)
    if mark[2] is not None:
        names[kind][mark[1]] = mark[2]
    return names[kind][mark[1]]


for line in open(sys.argv[1]):
    key, _, value = line.rstrip("\n").partition("=")
    if key == "ob":
        current = callee_object = resolve("ob", value)
    elif key == "fn":
        resolve("fn", value)
        callee_object = current
    elif key == "cob":
        callee_object = resolve("ob", value)
    elif key == "cfn":
        callee = resolve("fn", value)
    elif key == "calls":
        calls[os.path.basename(callee_object), callee.split("'")[0]] += \
            int(value.split()[0])
        callee_object = current

for (file, name), count in sorted(calls.items()):
    if len(sys.argv) < 3 or file == sys.argv[2]:
        print(name, count)
