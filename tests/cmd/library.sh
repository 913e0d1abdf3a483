# Objects of the user's that take part: platform_send(), platform_timestamp() and
# platform_alloc_memory(), with variables of every kind and calls between them.
. "$TOP/tests/lib.sh"
need gcc ar
cat >p.c <<'END'
#include <stdio.h>
__attribute__((noinline)) double work(int n, double x) { return n * x; }
int main(void) {
    double sum = 1.5;
    for (int i = 0; i < 4; i++)
        sum += work(i, sum);
    printf("%g\n", sum);
    return 0;
}
END
gcc -O2 -o p p.c
gcc -O2 -static -no-pie -o static p.c
cat >send.c <<'END'
#include "platform/platform.h"
extern int number(int channel); /* of another object */
static long call3(long n, long a, long b, long c) {
    long result;
    __asm__ volatile("syscall" : "=a"(result) : "a"(n), "D"(a), "S"(b), "d"(c)
                     : "rcx", "r11", "memory");
    return result;
}
int fd = 7;                                  /* .data */
static unsigned sent;                        /* .bss */
int common[3];                               /* maybe .common */
const char *const names[] = {"one", "two"};  /* .data.rel.ro */
double scale = 1.5;                          /* uses vectors */
static void put(const void *data, size_t size) {
    call3(1, fd, (long)data, (long)size);
}
void platform_send(int channel, const void *data, size_t size) {
    uint32_t head[2] = {(uint32_t)number(channel), (uint32_t)size};
    sent++;
    scale *= 1.25;
    common[sent % 3] += names[sent % 2][0];
    put(head, sizeof head);
    put(data, size);
}
END
cat >rest.c <<'END'
#include <stdint.h>
#include <stddef.h>
static int calls = 10;
int (*function)(int);
static int plus(int x) { return x + calls; }
int number(int x) {
    static const int steps[] = {1, 2, 3};
    calls += steps[x % 3];
    function = plus;
    return function(x);
}
uint64_t platform_timestamp(void) {
    static uint64_t time = 1000;
    return time += 1000;
}
static char memory[8 << 20];
static size_t taken;
void *platform_alloc_memory(size_t size) {
    void *at = memory + taken;
    if (size > sizeof memory - taken)
        return NULL;
    taken += (size + 15) & ~(size_t)15;
    return at;
}
END
cat >unused.c <<'END'
int nobody_wants_this(void) { extern int missing(void); return missing(); }
END
script='int n; string who; uint64_t when; self int mine;
pid$target:a.out:work:entry
{ self->mine += 2; n = self->mine; who = strjoin(probefunc, "!");
  when = timestamp; send(7); }'

expected='{"channel": 19, "n": 2, "who": "work!", "when": 2000}
{"channel": 21, "n": 4, "who": "work!", "when": 3000}
{"channel": 23, "n": 6, "who": "work!", "when": 4000}
{"channel": 25, "n": 8, "who": "work!", "when": 5000}'
# try TEST PROGRAM OPTION...
try() {
    rm -f stream
    if ! instrument "$2" "$script" "${@:3}"; then
        fail "$1" "$(head -c 400 "$2.said")"
        return
    fi
    is "$1/output" "$("./$2")" "$("./$2.inst" 7>stream)"
    is "$1" "$expected" \
        "$("$MCTRACE" extract --var-mapping="$2.json" --stream=stream)"
}
for kind in "-fPIE" "-fPIC" "-fPIE -ffunction-sections -fdata-sections" \
    "-fPIE -O0 -fcommon"; do
    gcc -I"$TOP" -O2 $kind -c send.c rest.c unused.c
    rm -f lib.a
    ar rc lib.a unused.o rest.o
    try "objects${kind// /}" p --library=send.o --library=rest.o
    try "archive${kind// /}" p --library=send.o --library=lib.a
    try "static${kind// /}" static --library=send.o --library=lib.a
done
# An archive alone: what the runtime looks for is taken out of it.
ar rc lib.a send.o
try archive-alone p --library=lib.a
# One linked by the linker beforehand.
ld -r -o joined.o send.o rest.o
try joined p --library=joined.o
# By fixed addresses, for a program at one.
gcc -I"$TOP" -O2 -fno-pic -mcmodel=small -c send.c rest.c
try fixed static --library=send.o --library=rest.o
gcc -I"$TOP" -O2 -fPIE -c send.c rest.c

# Records go to the platform as well as to the file.
rm -f stream
instrument p 'int n;
pid$target:a.out:work:entry { @[arg0] = count(); printf("work(%d)", arg0); n++; }
pid$target:a.out:work:entry /n == 4/ { ustack(1); printa(@); send(1); }' \
    --library=send.o --library=rest.o || fail records "$(head -c 400 p.said)"
is records/output "$(./p)" "$(./p.inst 7>stream)"
# number() of another object changed the channels that the program's own has.
python3 - stream <<'END'
import struct, sys
data, out = open(sys.argv[1], "rb").read(), b""
while data:
    channel, size = struct.unpack("<II", data[:8])
    is_send = size == struct.calcsize("<I")
    out += struct.pack("<II", 1 if is_send else 0x80000000, size)
    out += data[8:8 + size]
    data = data[8 + size:]
open(sys.argv[1], "wb").write(out)
END
stream() { "$MCTRACE" extract --var-mapping=p.json --stream=stream "$@" 2>said; }
is records/text "$(extract p --format=text 2>/dev/null)" \
    "$(stream --columns | sed '/channel/d; /  4$/d')"
is records/send '{"channel": 1, "n": 4}' "$(stream | grep channel)"
is records/stack 1 "$(stream | grep -c '"ustack": \["[^"]*"\]')"
is records/quiet "" "$(cat said)"

# refused TEST TAG PROGRAM OPTION...
refused() {
    printf '%s\n' "$script" >bad.d
    rm -f out
    "$MCTRACE" instrument --binary="$3" --output=out --script=bad.d \
        --persistence-file="$PWD/d" "${@:4}" 2>said
    is "$1" "1 1" "$? $(grep -c "error: .*$2" said)"
    [ ! -e out ] || fail "$1" "left an output"
}
refused undefined R_UNDEFINED p --library=send.o
refused missing U_FILE p --library=nothing.o
refused text B_OBJECT p --library=p.c
refused program B_OBJECT p --library=p
refused twice B_OBJECT p --library=send.o --library=rest.o --library=rest.o
head -c 200 lib.a >short.a
refused short-archive B_OBJECT p --library=short.a
head -c 400 send.o >short.o
refused short-object B_OBJECT p --library=short.o
gcc -I"$TOP" -O2 -fno-pic -fno-pie -mcmodel=large -c send.c -o large.o
gcc -O2 -fPIE -c unused.c
refused no-use B_OBJECT p --library=unused.o
refused fixed-address B_OBJECT p --library=large.o --library=rest.o
echo '__thread int t; void platform_send(int c, const void *d, unsigned long n) { t++; }' >t.c
gcc -O2 -fPIE -c t.c
refused thread-local B_OBJECT p --library=t.o
echo 'static int n; __attribute__((constructor)) void f(void) { n++; }
void platform_send(int c, const void *d, unsigned long s) { n += c; }' >c.c
gcc -O2 -fPIE -c c.c
refused constructor B_OBJECT p --library=c.o
if command -v aarch64-linux-gnu-gcc >/dev/null; then
    aarch64-linux-gnu-gcc -c t.c -o other.o
    refused machine B_OBJECT p --library=other.o
else
    skip machine "no aarch64-linux-gnu-gcc"
fi
