# What send() wrote, read as it comes, and a region out of a dump of memory.
. "$TOP/tests/lib.sh"
need gcc
cat >p.c <<'END'
__attribute__((noinline)) int work(int n) { return n * 3; }
int main(void) {
    int sum = 0;
    for (int i = 0; i < 3; i++)
        sum += work(i - 1);
    return sum != 0;
}
END
gcc -O1 -fno-inline -o p p.c
instrument p 'int n; string who; long total;
pid$target:a.out:work:entry
{ n = (int)arg0; total += n + 1; who = probefunc; send(7); @ = count(); }'
./p.inst
stream() { "$MCTRACE" extract --var-mapping=p.json --stream="$@" 2>said; }

expected='{"channel": 7, "n": -1, "who": "work", "total": 0}
{"channel": 7, "n": 0, "who": "work", "total": 1}
{"channel": 7, "n": 1, "who": "work", "total": 3}'
is objects "$expected" "$(stream p.data.send)"
is quiet "" "$(cat said)"
is pipe "$expected" "$(stream - <p.data.send)"
is columns '     channel            n who                 total
           7           -1 work                    0
           7            0 work                    1
           7            1 work                    3' \
    "$(stream p.data.send --columns)"
is noise "$expected" "$( (printf xyz; cat p.data.send; printf ab) | stream -)"
is noise-said 1 "$(grep -c '5 bytes belong to no message' said)"
# Cut in the middle of a message: that one is lost, the others are not.
is late "$(tail -n 2 <<<"$expected")" "$(tail -c +30 p.data.send | stream -)"
# A message is shown when it is there, not when the stream ends.
mkfifo line
stream line >shown &
exec 3>line
cat p.data.send >&3
for _ in $(seq 100); do
    [ "$(wc -l <shown)" = 3 ] && break
    sleep 0.05
done
is at-once "$expected" "$(cat shown)"
exec 3>&-
wait

(head -c 4104 /dev/zero; cat p.data; head -c 99 /dev/zero) >dump
is memory '{"n": 1, "who": "work", "total": 3, "@": 3}' \
    "$("$MCTRACE" extract --var-mapping=p.json --memory=dump@0x20000000)"

# refused TEST STATUS TAG OPTION...
refused() {
    "$MCTRACE" extract --var-mapping=p.json "${@:4}" >out 2>said
    is "$1" "$2 1" "$? $(grep -c "error: .*$3" said)"
}
refused no-source 2 U_USAGE
refused two-sources 2 U_USAGE --stream=p.data.send --persistence-file=p.data
refused columns-alone 2 U_USAGE --columns --persistence-file=p.data
refused format 2 U_USAGE --format=text --stream=p.data.send
refused no-stream 1 U_FILE --stream=nothing
refused no-address 2 U_USAGE --memory=dump
refused bad-address 2 U_USAGE --memory=dump@here
refused no-dump 1 U_FILE --memory=nothing@0
refused no-region 1 T_IDENTITY --memory=p.c@0
head -c 4500 dump >short
refused short 1 T_TRUNCATED --memory=short@0
