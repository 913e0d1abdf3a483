# What the consumer of `mctrace trace` prints for values, rows and speculations,
# and how often clauses run.
. "$TOP/tests/lib.sh"

# trace NAME STATUS ARGUMENT...: standard output in ./out, errors in ./said.
trace() {
    local name=$1 status=$2
    shift 2
    "$MCTRACE" trace "$@" >out 2>said </dev/null
    is "$name/status" "$status" $?
}
said() { is "$1" "$2" "$(cat said)"; }
printed() { is "$1" "$2" "$(cat out; echo .)"; }
export _DTRACE_TESTING=1

# A clause runs as often as its descriptions name a probe.
trace twice 0 -qn 'BEGIN, BEGIN, dtrace:::BEGIN { printf("%d ", ++n); }
    BEGIN { exit(0); }'
printed twice/printed "1 2 3 
."
trace counted 0 -n 'BEGIN, BEGIN { n++; } BEGIN { exit(0); }'
said counted/said "mctrace: description 'BEGIN, BEGIN ' matched 3 probes"

# An array of char is a text if nothing else is in it; structures without a
# name have none in print(), and only char is shown as a character.
cat >values.d <<'EOF2'
char text[4], full[2], gap[4], bell[3], none[2];
struct s { union { uint8_t byte; char c; } u; };
BEGIN
{
    text[0] = full[0] = gap[0] = 'a'; text[1] = full[1] = gap[2] = 'b';
    bell[0] = '\a'; bell[1] = 1;
    trace(text); trace(full); trace(gap); trace(bell); trace(none);
    p = (struct s *)alloca(sizeof (struct s));
    p->u.c = 'N';
    print(p);
    exit(0);
}
EOF2
trace values 0 -qs values.d
sed -i 's/0x[0-9a-f]* = /P = /' out
H="             0  1  2  3  4  5  6  7  8  9  a  b  c  d  e  f  0123456789abcdef"
M="                                            "
printed values/printed "abab
$H
         0: 61 00 62 00                                      a.b.

$H
         0: 07 01 00                                         ...

$H
         0: 00 00                                            ..
P = *
$M(struct s) {
$M .u = (union) {
$M  .byte = (uint8_t)78,
$M  .c = (char)'N',
$M },
$M}

."
