# Debian's python3: computed gotos, threads, large.
. "$TOP/tests/lib.sh"
program=$(realpath /usr/bin/python3)
[ -x "$program" ] || { skip all "no /usr/bin/python3"; exit 0; }
everything "$program"
cat >work.py <<'END'
import collections, json, re, sys, threading, subprocess, hashlib
def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
print(fib(16), sum(x * x for x in range(5000)))
print(collections.Counter(re.findall(r"\w", "the quick brown fox" * 20)).most_common(3))
print(hashlib.sha256(json.dumps({"a": [1, 2.5, None]}).encode()).hexdigest())
class E(Exception): pass
def deep(n):
    if n == 0: raise E("bottom")
    try: deep(n - 1)
    finally: sys.stdout.write(".")
try: deep(30)
except E as e: print(e)
total = []
def work(k): total.append(sum(i % k for i in range(20000)))
threads = [threading.Thread(target=work, args=(k,)) for k in (3, 5, 7)]
[t.start() for t in threads]; [t.join() for t in threads]
print(sorted(total))
def gen(n):
    for i in range(n): yield i
print(list(gen(5)), 2 ** 200 // 3 ** 50, 0.1 + 0.2)
print(subprocess.run(["echo", "child"], capture_output=True).stdout)
sys.exit(6)
END
same program "$program" -I work.py
same error "$program" -I -c 'import nothing_like_this'
same syntax "$program" -I -c 'if'
counted 10000
