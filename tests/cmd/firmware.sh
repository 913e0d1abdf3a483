# Images without an operating system: every format, placement, checksums, what is
# refused. Boards that qemu-system emulates: firmware_boards.sh.
. "$TOP/tests/lib.sh"
need gcc objcopy python3

# --- a board of our own: a process into which an image is loaded as into flash ---

cat >fw.c <<'END'
static long call3(long n, long a, long b, long c) {
    long result;
    __asm__ volatile("syscall" : "=a"(result) : "a"(n), "D"(a), "S"(b), "d"(c)
                     : "rcx", "r11", "memory");
    return result;
}
extern char _bss[], _bss_end[], _data[], _data_end[], _data_load[];
static volatile int counter, initial = 5;
__attribute__((noinline)) int work(int n) {
    counter += n;
    return counter * 2;
}
__attribute__((noinline)) int run(void) {
    int sum = initial;
    for (int i = 0; i < 10; i++)
        sum += work(i);
    return sum;
}
void start(void) {
    char *from = _data_load;
    for (char *to = _data; to < _data_end;)
        *to++ = *from++;
    for (char *to = _bss; to < _bss_end;)
        *to++ = 0;
    int sum = run();
    call3(1, 3, 0x20000000, 0x10000); /* what a debugger would do */
    call3(60, sum != 335, 0, 0);
    for (;;)
        ;
}
__asm__(".section .start,\"ax\"\n .globl _start\n"
        "_start: mov $0x20010000, %esp\n call start\n hlt\n");
END
cat >fw.ld <<'END'
ENTRY(_start)
SECTIONS {
    . = 0x8000;
    .text : { *(.start) *(.text*) *(.rodata*) . = ALIGN(16); }
    .data 0x20000000 : AT(LOADADDR(.text) + SIZEOF(.text))
        { _data = .; *(.data*) . = ALIGN(4); _data_end = .; }
    _data_load = LOADADDR(.data);
    .bss (NOLOAD) : { _bss = .; *(.bss*) *(COMMON) . = ALIGN(4); _bss_end = .; }
    __flash_end = 0x20000;
    __StackLimit = 0x2000f000;
    __StackTop = 0x20010000;
    /DISCARD/ : { *(.note*) *(.comment) *(.eh_frame) }
}
END
cat >load.c <<'END'
// Loads a raw binary at 0x8000 into memory like a board's, RAM full of rubbish.
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
int main(int argc, char **argv) {
    FILE *file = fopen(argv[argc - 1], "rb");
    char *flash = mmap((void *)0x8000, 0x20000, 7,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    char *ram = mmap((void *)0x20000000, 0x10000, 7,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    if (flash == MAP_FAILED || ram == MAP_FAILED)
        return 77;
    memset(flash, 0xff, 0x20000);
    memset(ram, 0xa5, 0x10000);
    fread(flash, 1, 0x18000, file);
    ((void (*)(void))flash)();
    return 1;
}
END
gcc -O1 -ffreestanding -fno-pic -fno-pie -nostdlib -static -fcf-protection=none \
    -fno-stack-protector -Wl,--build-id=none -Wl,-T,fw.ld -o fw.elf fw.c 2>/dev/null
gcc -O1 -o load load.c
objcopy -O binary -j .text fw.elf text.bin
objcopy -O binary -j .data fw.elf data.bin
cat text.bin data.bin >fw.bin
objcopy -O ihex fw.elf fw.hex
objcopy -O srec fw.elf fw.srec
nm fw.elf | awk '$2 ~ /[tT]/ { print $1, $3 }' >fw.sym
printf '%s\n' 'int n; string who;
BEGIN { n = 100; }
pid$target:a.out:work:entry
{ @[probefunc] = count(); @s[arg0 & 1] = sum(arg0); n++; who = strjoin(probefunc, "!");
  printf("work(%d)", arg0); }
pid$target:a.out:run:return { @r = max(arg1); }' >fw.d
expected='{"n": 110, "who": "work!", "@": [{"key": ["work"], "value": 10}], "@s": [{"key": [0], "value": 20}, {"key": [1], "value": 25}], "@r": 335}'

# Into a raw binary as a programmer of flash would see it: what is loaded, by
# load address.
to_binary() {
    case $1 in
    *.elf) objcopy -O binary --gap-fill 0xff "$1" out.bin ;;
    *.hex) objcopy -I ihex -O binary --gap-fill 0xff "$1" out.bin ;;
    *.srec) objcopy -I srec -O binary --gap-fill 0xff "$1" out.bin ;;
    *) cp "$1" out.bin ;;
    esac
}
place="--text-at=0x9000,0x4000 --data-at=0x20001000,0x8000"
runs=yes
to_binary fw.bin
./load out.bin 3>dump
[ $? = 0 ] || { skip process "low addresses cannot be had"; runs=no; }

# image TEST FILE OPTION...
image() {
    local out=out.${2##*.}
    rm -f "$out" dump map
    if ! "$MCTRACE" instrument --binary="$2" --output="$out" --script=fw.d \
        --var-mapping=map "${@:3}" 2>said; then
        fail "$1" "$(head -c 300 said)"
        return
    fi
    [ $runs = yes ] || return
    to_binary "$out"
    ./load out.bin 3>dump
    is "$1/status" 0 $?
    is "$1" "$expected" \
        "$("$MCTRACE" extract --var-mapping=map --memory=dump@0x20000000)"
    is "$1/records" 10 "$("$MCTRACE" extract --var-mapping=map --format=text \
        --memory=dump@0x20000000 | grep -c 'work(.)$')"
}
image elf-found fw.elf
is elf-found/quiet 2 "$(wc -l <said)"
is elf-found/memory 1 "$(grep -c "flash: [1-9][0-9]* bytes for the script, [1-9][0-9]* for its sites.*RAM: [1-9]" said)"
image elf fw.elf $place
image raw fw.bin --arch=x86_64 --base=0x8000 --entry=0x8000 --symbols=fw.sym $place
image ihex fw.hex --arch=x86_64 --symbols=fw.sym $place
image srec fw.srec --arch=x86_64 --symbols=fw.sym $place
# A file that holds all of the flash: its erased part is free.
cp fw.bin whole.bin
head -c 60000 /dev/zero | tr '\0' '\377' >>whole.bin
image raw-whole whole.bin --arch=x86_64 --base=0x8000 --entry=0x8000 \
    --symbols=fw.sym $place
is raw-whole/length "$(wc -c <whole.bin)" "$(wc -c <out.bin)"
# A checksum over code and gap, behind it.
cp fw.bin crc.bin
python3 - <<'END'
import zlib
data = open("crc.bin", "rb").read()
data += b"\xff" * (0x800 - len(data))
open("crc.bin", "wb").write(data + zlib.crc32(data).to_bytes(4, "little"))
END
image crc crc.bin --arch=x86_64 --base=0x8000 --entry=0x8000 --symbols=fw.sym \
    $place --fix-crc=crc32,range=0x8000-0x8800,at=0x8800
is crc/value right "$(python3 -c '
import zlib
data = open("out.bin", "rb").read()
ok = zlib.crc32(data[:0x800]) == int.from_bytes(data[0x800:0x804], "little")
print("right" if ok else "wrong")')"
# The ELF file carries its mapping, and what restores it.
"$MCTRACE" restore --binary=out.elf --output=back.elf 2>said
is restored "" "$(cmp fw.elf back.elf 2>&1)"
# Messages by a platform's function, with variables of its own.
cat >send.c <<'END'
#include "platform/platform.h"
static unsigned sent = 40;
static char ring[4096];
static long call3(long n, const void *b, long c) {
    long result;
    __asm__ volatile("syscall" : "=a"(result) : "a"(n), "D"(4), "S"(b), "d"(c)
                     : "rcx", "r11", "memory");
    return result;
}
void platform_send(int channel, const void *data, size_t size) {
    uint32_t head[2] = {(uint32_t)channel + sent++, (uint32_t)size};
    ring[sent % sizeof ring]++;
    call3(1, head, sizeof head);
    call3(1, data, (long)size);
}
uint64_t platform_timestamp(void) { return sent; }
END
gcc -I"$TOP" -O2 -fno-pic -ffreestanding -c send.c
echo 'int n; uint64_t when;
pid$target:a.out:work:entry { n += arg0; when = timestamp; send(2); }' >send.d
"$MCTRACE" instrument --binary=fw.bin --output=out.send --script=send.d \
    --var-mapping=map --arch=x86_64 --base=0x8000 --entry=0x8000 \
    --symbols=fw.sym $place --library=send.o 2>said ||
    fail library "$(head -c 300 said)"
if [ $runs = yes ]; then
    ./load out.send 3>dump 4>stream
    is library '{"channel": 51, "n": 45, "when": 49}' \
        "$("$MCTRACE" extract --var-mapping=map --stream=stream | tail -n 1)"
fi

# --- refused ---

# refused TEST STATUS TAG OPTION...: one error, nothing left.
refused() {
    rm -f out.x
    "$MCTRACE" instrument --output=out.x --script=fw.d "${@:4}" 2>said
    is "$1" "$2 1" "$? $(grep -c "error: .*$3" said)"
    [ ! -e out.x ] || fail "$1" "left an output"
}
map=--var-mapping=map
raw="--binary=fw.bin --arch=x86_64 --base=0x8000 --entry=0x8000 $map
    --symbols=fw.sym"
refused no-arch 1 B_FORMAT --binary=fw.hex $map $place
refused bad-arch 2 U_USAGE --binary=fw.hex --arch=pdp11 $map $place
refused other-arch 1 B_MACHINE --binary=fw.elf --arch=aarch64
refused no-entry 1 B_HEADER --binary=fw.bin --arch=x86_64 --base=0x8000 $map $place
refused far-entry 1 B_HEADER --binary=fw.bin --arch=x86_64 --base=0x8000 \
    --entry=0x10 $map $place
refused base-of-elf 1 B_FORMAT --binary=fw.elf --base=0x8000
refused no-mapping 2 U_USAGE --binary=fw.hex --arch=x86_64 --symbols=fw.sym \
    $place
refused persistence 2 U_USAGE --binary=fw.elf --persistence-file=d
refused no-place 1 R_ROOM $raw
refused overlap-text 1 R_OVERLAP $raw --text-at=0x8010 --data-at=0x20001000
refused overlap-data 1 R_OVERLAP --binary=fw.elf --text-at=0x9000 \
    --data-at=0x20000000
refused overlap-both 1 R_OVERLAP $raw --text-at=0x9000 --data-at=0x9800
refused small-text 1 R_ROOM $raw --text-at=0x9000,0x100 --data-at=0x20001000
refused small-data 1 R_ROOM $raw --text-at=0x9000 --data-at=0x20001000,64
refused before-base 1 R_ROOM $raw --text-at=0x1000 --data-at=0x20001000
refused bad-place 2 U_USAGE $raw --text-at=here --data-at=0x20001000
refused linux 1 B_KIND --binary=/bin/true --persistence-file=d --platform=none
refused linux-place 1 B_KIND --binary=/bin/true --persistence-file=d \
    --text-at=0x1000
refused bad-platform 2 U_USAGE --binary=fw.elf --platform=cpm
refused crc-wrong 1 B_CHECKSUM $raw $place \
    --fix-crc=crc32,range=0x8000-0x8010,at=0x8010
refused crc-words 1 B_CHECKSUM $raw $place --fix-crc=md5
echo 'main here' >bad.sym
refused bad-symbols 1 B_SYMBOLS $raw $place --symbols=bad.sym
sed 's/^\(:.*\)./\1/;1s/.$/0/' fw.hex >bad.hex
refused bad-hex 1 B_RECORD --binary=bad.hex --arch=x86_64 $map $place
head -n 3 fw.srec >short.srec
refused short-srec 1 B_TRUNCATED --binary=short.srec --arch=x86_64 $map $place
# script TEST TEXT: what needs a system is refused by name.
needs_system() {
    echo "$2" >bad.d
    "$MCTRACE" instrument --binary=fw.elf --output=out.x --script=bad.d 2>said
    local status=$?
    is "$1" "1 1" "$status $(grep 'operating system.*R_BARE' said | grep -c "$3")"
}
needs_system pid 'BEGIN { @[pid] = count(); }' pid
needs_system ustack 'BEGIN { @[ustack()] = count(); }' stack
needs_system tick 'tick-1s { @ = count(); }' tick-1s
