# Programs of all machines are rewritten without a complaint of the sanitizers, if
# there is a build with them: whole, of either kind, with symbols and without.
. "$TOP/tests/lib.sh"
[ -x "$MCTRACE_ASAN" ] || {
    skip all "no build with sanitizers"
    exit 0
}
cat >program.c <<'EOF_C'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
typedef int function(int);
static int square(int x) { return x * x; }
static int cube(int x) { return x * x * x; }
static function *const functions[] = {square, cube};
__attribute__((noinline)) int pick(int n, const char *s) {
    switch (n) {
    case 0: return (int)strlen(s);
    case 1: return puts(s);
    case 2: return s[0];
    case 3: return atoi(s);
    case 4: return s[1] + 1;
    case 5: return functions[n & 1](3);
    case 6: return s[2] * 7;
    default: return -1;
    }
}
__attribute__((noinline)) long long fibonacci(int n) {
    return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}
int main(int argc, char **argv) {
    for (int i = 0; i < 9; i++)
        printf("%d\n", pick(i, argv[0]));
    return fibonacci(argc) != 1;
}
EOF_C
cat >all.d <<'EOF_D'
pid$target:a.out::entry, pid$target:a.out::return
{ @[probefunc, probename] = count(); self->at = timestamp; }
pid$target:a.out:: { n++; }
pid$target:a.out::return { @q[arg1 & 1] = quantize(arg1); ustack(2); }
EOF_D

# sanitized NAME ROOT
sanitized() {
    if ASAN_OPTIONS=detect_leaks=0 "$MCTRACE_ASAN" instrument --binary=program \
        --output=out --var-mapping=map --persistence-file=telemetry \
        --script=all.d --root="$2" 2>said; then
        ok "$1"
    else
        fail "$1" "$(grep -m 1 -e error -e ERROR said)"
    fi
}

for machine in x86_64 riscv64 aarch64 arm powerpc; do
    case $machine in
    x86_64) tools= root=/ ;;
    arm) tools=arm-linux-gnueabihf- root=/usr/arm-linux-gnueabihf ;;
    *) tools=$machine-linux-gnu- root=/usr/$machine-linux-gnu ;;
    esac
    has $machine ${tools}gcc || continue
    for kind in "-O2 -pie -fPIE" "-O1 -no-pie -fno-pie -g"; do
        ${tools}gcc $kind -o program program.c
        sanitized $machine/${kind:1:2} $root
        ${tools}strip program
        sanitized $machine/${kind:1:2}/stripped $root
    done
done
