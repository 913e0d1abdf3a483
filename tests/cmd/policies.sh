# What becomes of records that have no room: by default there is always room,
# `ring` keeps the newest, `fill` the first; after the run and while it goes on.
. "$TOP/tests/lib.sh"
need gcc

cat >steps.c <<'EOF2'
__attribute__((noinline)) long step(long n) {
    __asm__ volatile("" : "+r"(n));
    return n + 1;
}
int main(void) {
    long n = 0;
    while (n < 5000)
        n = step(n);
    return 0;
}
EOF2
gcc -O1 -o steps steps.c

probe='pid$target::step:entry { printf("%d\n", arg0); }'
script() {
    printf '#pragma D option quiet\n#pragma D option bufsize=16k\n%s\n%s\n' \
        "#pragma D option bufpolicy=$1" "$probe"
}
# Whether ./shown has every number from the first to the last, each once.
in_order() {
    awk 'NF && NR > 1 && p != "" && $1 != p + 1 { bad = 1 } NF { p = $1 }
         END { print bad + 0 }' shown
}
bounds() { awk 'NF { n++; if (n == 1) a = $1; b = $1 } END { print a, b }' shown; }
count() { grep -c . shown; }
about() {
    if [ "$2" -ge "$3" ] && [ "$2" -le "$4" ]; then
        ok "$1"
    else
        fail "$1" "$2 is not from $3 to $4"
    fi
}

# A record of one integer takes 24 bytes: 682 of them are 16 KiB.
check() {
    local name=$1 policy=$2
    is "$name/in-order" 0 "$(in_order)"
    case $policy in
    switch)
        is "$name/all" "0 4999" "$(bounds)"
        ;;
    ring)
        is "$name/the-last" 4999 "$(bounds | cut -d' ' -f2)"
        about "$name/no-more" "$(count)" 500 690
        ;;
    fill)
        is "$name/the-first" 0 "$(bounds | cut -d' ' -f1)"
        about "$name/no-more" "$(count)" 670 690
        ;;
    esac
}
for policy in switch ring fill; do
    instrument ./steps "$(script $policy)"
    ./steps.inst
    extract steps --format=text >shown 2>said
    check "after/$policy" $policy
    is "after/$policy/nothing-lost" "" "$(cat said)"
    "$MCTRACE" trace -s steps.d -c ./steps >shown 2>said </dev/null
    check "during/$policy" $policy
    is "during/$policy/nothing-lost" "" "$(cat said)"
done

# A thread's window is used again; readers find each record once.
instrument ./steps "pid\$target::step:entry { @ = count(); $(
    for i in 1 2 3 4 5 6 7 8; do printf 'trace(arg0); '; done
) }"
./steps.inst
extract steps --format=text | awk '$3 == "step:entry" { print $4 }' >shown
check window switch

# Who asks for buffers of a size is told what they would have had no room for,
# where it is known when they are switched: all that BEGIN records comes before.
{
    printf '#pragma D option strsize=2k\n#pragma D option bufsize=64k\n'
    for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
        printf 'BEGIN { trace("a%d"); trace("b%d"); }\n' "$i" "$i"
    done
    printf 'BEGIN { exit(0); }\n'
} >full.d
"$MCTRACE" trace -qs full.d -xdroptags >shown 2>said
is full/last "a15b15" "$(grep -o 'a[0-9]* *b[0-9]*' shown | tail -1 | tr -d ' ')"
is full/count 15 "$(grep -o 'a[0-9]*' shown | wc -l)"
is full/said "mctrace: [DTRACEDROP_PRINCIPAL] 1 drop on CPU" "$(sed 's/ [0-9]*$//' said)"
sed -i 's/64k/128k/' full.d
"$MCTRACE" trace -qs full.d >shown 2>said
is full/room 16 "$(grep -o 'a[0-9]*' shown | wc -l)"
is full/room-said "" "$(cat said)"
# A rate says when they are switched in between.
script switch >switched.d
"$MCTRACE" trace -s switched.d -xswitchrate=10s -c ./steps \
    >shown 2>said </dev/null
about rate/shown "$(count)" 500 520
is rate/said 5000 "$(($(count) + $(sed -n 's/mctrace: \([0-9]*\) drops* on CPU.*/\1/p' said |
    awk '{ n += $1 } END { print n + 0 }')))"
