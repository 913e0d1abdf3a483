# instrument: options in every form, the report, what is saved, help.
. "$TOP/tests/lib.sh"
need gcc
cat >work.c <<'END'
#include <unistd.h>
__attribute__((noipa)) int work(int n) { return n * 2 + 1; }
int main(void) { char c; return work(3) - 7 + (int)read(-1, &c, 1) + 1; }
END
gcc -O1 -o work work.c
gcc -O1 -static -o fixed work.c
echo 'pid$target:a.out:work:entry { @ = count(); }' >s.d
"$MCTRACE" instrument --binary work --output one --var-mapping one.json \
    --persistence-file "$PWD/data" --script s.d 2>said
is values-apart 0 $?
"$MCTRACE" instrument -b work -o two -m two.json -p "$PWD/data" -ss.d 2>said
is letters 0 $?
is same-bytes "" "$(cmp one two 2>&1)"
is summary 1 "$(grep -c ' site' said)"
"$MCTRACE" instrument -b work -o three -p "$PWD/data" \
    -n 'pid$target:a.out:work:return { @ = max(arg1); }' 2>said
is text 0 $?
./three
is text-runs '{"@": 7}' "$("$MCTRACE" extract -b three -p data)"
"$MCTRACE" instrument -b work -o - -p data -s - <s.d >/dev/null 2>&1
"$MCTRACE" --help | grep -q instrument && ok help
for command in instrument extract list restore; do
    is $command/help 0 "$("$MCTRACE" $command --help >help; echo $?)"
    is $command/usage 1 "$(grep -ci usage help)"
done
"$MCTRACE" --version | grep -q '[0-9]\.[0-9]' && ok version

"$MCTRACE" instrument -b fixed -o four -m four.json -p "$PWD/data" \
    -r report.json --save-llvm=l --save-asm=a --save-obj=o --strict \
    -n 'pid$target:a.out:work: { @ = count(); } ::read:entry { n = 1; }' 2>said
is saves 0 $?
[ -s l ] && grep -q '^define' l && ok save-llvm
[ -s a ] && grep -q mct_ a && ok save-asm
readelf -h o 2>/dev/null | grep -q REL && ok save-obj
is report-json True "$(value report.json 'len(str(j)) > 100')"

# A script whose predicates are false everywhere changes nothing that runs.
"$MCTRACE" instrument -b fixed -o five -p "$PWD/data" \
    -n 'pid$target:a.out:work:entry /0/ { @ = count(); }' 2>said
is nothing-left 0 $?
objdump -d fixed --disassemble=work | grep '^ ' >1
objdump -d five --disassemble=work | grep '^ ' >2
is untouched "" "$(diff 1 2)"

# Moved together with its libraries, a program still finds them.
"$MCTRACE" instrument -b work -o six -m six.json -p "$PWD/data" \
    -n '::read:entry { @ = count(); }' 2>said
is libraries 0 $?
[ -d six.libs ] || fail libs "no six.libs"
mkdir -p "elsewhere/a b"
mv six six.libs "elsewhere/a b/"
rm -f data
"elsewhere/a b/six"
is moved '{"@": 1}' "$("$MCTRACE" extract -m six.json -p data)"
(cd "elsewhere/a b" && rm -f ../../data && ./six)
is moved-relative '{"@": 1}' "$("$MCTRACE" extract -m six.json -p data)"

# What a signal handler returns to: unwind information says that it begins a
# byte before it does, and without symbols nothing else speaks of it.
gcc -O2 -static -x c -o handler - <<'EOF'
#include <signal.h>
#include <unistd.h>
static void say(int signal) { write(1, signal == SIGUSR1 ? "1\n" : "2\n", 2); }
int main(void) {
    signal(SIGUSR1, say);
    signal(SIGUSR2, say);
    return raise(SIGUSR1) + raise(SIGUSR2);
}
EOF
strip handler
if instrument ./handler "$ends syscall::rt_sigreturn:entry { @r = count(); }"
then
    same handler/runs ./handler
    is handler/counts '[2]' \
        "$(extract handler >j; value j '[v for k, v in j.items() if k == "@r"]')"
else
    fail handler "$(cat handler.said)"
fi

# Without section headers, and stripped: functions by address.
strip -s -o bare work
cp bare headless
printf '\0\0\0\0\0\0\0\0' | dd of=headless bs=1 seek=40 conv=notrunc status=none
printf '\0\0\0\0' | dd of=headless bs=1 seek=60 conv=notrunc status=none
for kind in bare headless; do
    instrument ./$kind "$ends" || { fail $kind "$(cat $kind.said)"; continue; }
    same $kind/runs ./$kind
    is $kind/counts True "$(extract $kind >j; value j \
        'any(r["key"][0].startswith("sub_") for r in j["@"])')"
done
