# Code through C: which compilers, what is said of those that do not do, and
# the file that is written for people.
. "$TOP/tests/lib.sh"
need gcc clang-19

cat >program.c <<'END'
#include <stdio.h>
__attribute__((noipa)) int work(int n) { return n ? n + work(n - 1) : 0; }
int main(void) { printf("%d\n", work(3)); return 0; }
END
sed -i 's/noipa/noinline/' program.c
gcc -O1 -o program program.c

# What comments of C must not be broken by.
cat >script.d <<'END'
int64_t total;
string last;
pid$target:a.out:work:entry
/arg0 != 2 || "*/" == "//"/   /* ends here */
{
    // this line goes on \
    total += 1000;
    total += arg0; last = strjoin("*/ \\", "??/");
    @[probefunc, arg0] = count();
    @sizes = quantize(arg0 - 1);
}
pid$target:a.out:work:return { printf("%d %s\n", arg1, last); }
END

# make NAME OPTION...: the program with the script in it.
make() {
    rm -rf "$1".*
    "$MCTRACE" instrument -b program -o "$1.inst" -m "$1.json" -p "$PWD/$1.data" \
        -s script.d "${@:2}" >"$1.out" 2>"$1.said"
}
shown() {
    "./$1.inst" >"$1.out" 2>&1
    "$MCTRACE" extract -m "$1.json" -p "$1.data" --format=text |
        sed 's/^ *[0-9]* *\([0-9]* *work:\)/\1/' # on any processor
}

make plain --save-c=plain.c
plain=$(shown plain)
is plain/records 1 $(grep -cF '6 */ \??/' <<<"$plain")
for cc in "" gcc clang-19 "clang-19 --target=x86_64-linux-gnu" \
    "env LC_ALL=C gcc -O1"; do
    name=$(tr -c 'a-z0-9\n' _ <<<"cc_$cc")
    make "$name" --codegen=c ${cc:+"--cc=$cc"} --save-c="$name.c"
    is "$name/status" 0 $?
    is "$name/records" "$plain" "$(shown "$name")"
    is "$name/file" same "$(cmp plain.c "$name.c" && echo same)"
done

# The file stands on its own, and compilers have nothing to say about it.
flags=$(sed -n 's|^//     \(-.*\)|\1|p' plain.c | sed 's/-w //')
for cc in gcc clang-19; do
    said=$("$cc" $flags -Wall -Wextra -Werror \
        -c plain.c \
        -o plain.o 2>&1)
    is "alone/$cc" "0 " "$? $said"
done
for words in 'total += arg0' 'pid$target:a.out:work:entry' global_total \
    global_last '@sizes = quantize(arg0 - 1)' 'goes on \\ |'; do
    grep -qF "${words/\\\\/\\}" plain.c || fail alone/names "no $words"
done
ok alone/read

make kept --codegen=c --save-asm=kept.s --save-obj=kept.o
is kept/assembly 1 $(grep -c '^mct_shape_0:' kept.s)
is kept/object 1 $(nm kept.o | grep -c 'T mct_shape_0$')

# refused NAME WORDS OPTION...: one line that has these words, and a hint; and
# nothing is left.
mkdir temporary
refused() {
    TMPDIR=$PWD/temporary make no "${@:3}"
    is "$1/status" 1 $?
    grep -qF "$2" no.said || fail "$1" "$(cat no.said)"
    is "$1/hint" 1 $(grep -c "help: --" no.said)
    is "$1/left" "" "$(ls -d no.inst* no.data* temporary/* 2>/dev/null)"
}
refused missing "no-such-cc -O2: there is no such C compiler" \
    --codegen=c --cc="no-such-cc -O2"
refused fails "false could not compile the generated C" --codegen=c --cc=false
refused explains "unrecognized command-line option" \
    --codegen=c --cc="gcc -fno-such-option"
refused silent "true made nothing" --codegen=c --cc=true

# A compiler for another machine, and one that makes no object.
cat >othercc <<'END'
#!/bin/sh
while [ "$1" != -o ]; do shift; done
case $KIND in
text) echo hello >"$2" ;;
*) gcc -c -o "$2" -x c - && printf '\267' |
    dd of="$2" bs=1 seek=18 conv=notrunc 2>/dev/null ;;
esac
END
chmod +x othercc
refused machine "made something else, not an object for x86_64" \
    --codegen=c --cc=./othercc
refused text "made no ELF file" --codegen=c --cc="env KIND=text ./othercc"

# usage NAME WORDS OPTION...
usage() {
    make no "${@:3}"
    is "$1/status" 2 $?
    grep -qF -- "$2" no.said && ok "$1" || fail "$1" "$(cat no.said)"
}
usage name "--codegen=gcc: it is llvm or c" --codegen=gcc
usage cc_alone "--cc is for --codegen=c" --cc=gcc
usage ir "--save-llvm is for --codegen=llvm" --codegen=c --save-llvm=no.ll
