# What the report says stood at a site stands there in the original, and what
# it says stands there now stands in the instrumented program.
. "$TOP/tests/lib.sh"
need python3 gcc
cat >calls.c <<'EOF'
#include <stdio.h>
__attribute__((noipa)) int inner(int n) { return n + 1; }
__attribute__((noipa)) int outer(int n) { return inner(n) * inner(n + 1); }
int main(void) { printf("%d\n", outer(1)); return 0; }
EOF
gcc -O2 -o calls calls.c
cat >compare.py <<'EOF'
import json, struct, sys
def place(data, va):
    at, size, count = (struct.unpack_from("<" + kind, data, off)[0]
                       for kind, off in (("Q", 32), ("H", 54), ("H", 56)))
    for i in range(count):
        kind, _, off, start, _, length = struct.unpack_from(
            "<IIQQQQ", data, at + i * size)
        if kind == 1 and start <= va < start + length:
            return off + va - start
before, after, report = (open(name, "rb").read() for name in sys.argv[1:])
sites = json.loads(report)["sites"]
checked = 0
for site in sites:
    if "before" not in site:
        continue
    va = int(site["window"], 16)
    for key, data in (("before", before), ("after", after)):
        said = bytes.fromhex(site[key])
        off = place(data, va)
        if data[off:off + len(said)] != said:
            print(key, site)
        checked += 1
print("checked" if checked > 10 else "nothing to check")
EOF
every='pid$target:a.out::entry, pid$target:a.out::return { @ = count(); }'
for program in ./calls "$(realpath "$(command -v bash)")"; do
    name=$(basename "$program")
    instrument "$program" "$every" --report=report || {
        fail "$name" "$(head -c 300 "$name.said")"
        continue
    }
    is "$name/bytes" checked \
        "$(python3 compare.py "$program" "$name.inst" report | head -n 3)"
done
