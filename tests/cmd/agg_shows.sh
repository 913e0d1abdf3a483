# How options change what aggregations look like: agghist, aggpack, aggzoom,
# encoding, aggpercpu; and what normalize() makes of negative values.
. "$TOP/tests/lib.sh"

# trace NAME ARGUMENT...: must succeed; standard output in ./out.
trace() {
    local name=$1
    shift
    "$MCTRACE" trace -q "$@" >out 2>said </dev/null
    is "$name/status" 0 $?
    is "$name/said" "" "$(cat said)"
}
printed() { is "$1" "$2" "$(cat out; echo .)"; }
D="------------- Distribution ------------- count    "
export TERM=xterm

# Bars of numbers: their share of all, below zero to the left.
trace bars -x agghist -n 'BEGIN { @a["no"] = sum(-1); @a["yes"] = sum(3);
    @b["few"] = sum(-2); @b["many"] = sum(-6); @ = count(); @m = min(4);
    @k[1, (char)2, "x"] = count(); @v[(short)5] = avg(2); exit(0); }'
printed bars/printed "

              key  $D
               no                @@@@@|                     -1       
              yes                     |@@@@@@@@@@@@@@@      3        

              key  $D
             many           @@@@@@@@@@@@@@@@@@@@@@@@@@@@@@| -6       
              few                               @@@@@@@@@@| -2       

           value  $D
 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@ 1        
                4

                           key  $D
        1   2                x |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@ 1        

   key  $D
     5 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@ 2        
."

# With aggzoom against the largest, which takes 95 of 100; numbers are measured
# in whole ones (20 / 0.95 is 21).
trace zoom -x agghist -n 'BEGIN { @a["a"] = sum(10); @a["b"] = sum(20);
    @q = quantize(1); @q = quantize(4); @q = quantize(4);
    setopt("aggzoom"); printa(@a); printa(@q); setopt("aggzoom", "no");
    printa(@a); normalize(@a, 10); printa(@a); exit(0); }'
printed zoom/printed "

              key  $D
                a |@@@@@@@@@@@@@@@@@@@                      10       
                b |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@   20       


           value  $D
               0 |                                         0        
               1 |@@@@@@@@@@@@@@@@@@@                      1        
               2 |                                         0        
               4 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@   2        
               8 |                                         0        



              key  $D
                a |@@@@@@@@@@@@@                            10       
                b |@@@@@@@@@@@@@@@@@@@@@@@@@@@              20       


              key  $D
                a |@@@@@@@@@@@@@                            1        
                b |@@@@@@@@@@@@@@@@@@@@@@@@@@@              2        

."

# A line a distribution, all lines of one aggregation over the same buckets.
cat >packed.d <<'EOF2'
BEGIN
{
    @few["one"] = quantize(1);
    @few["three"] = quantize(8, 3); @few["three"] = quantize(3, -1);
    @big = quantize(-70000); @big = quantize(70000);
    @line[(int64_t)7] = lquantize(-1, 0, 4, 1);
    @line[(int64_t)7] = lquantize(2, 0, 4, 1, 9);
    @other = llquantize(5, 10, 0, 1, 10);
    @n = count();
    exit(0);
}
EOF2
# The same lines, drawn with seven characters.
packed() {
    printed "$1" "

              key  min .------. max  | count
              one    0 : $2    : 16   | 1
            three    0 :  v $3 : 16   | 2

     min .-------------------------------------. max    | count
 -131072 : $4                                 $4 : 131072 | 2

              key     min .------. max      | count
                7     < 0 :$5  $6  : >= 4     | 10

           value  $D
               4 |                                         0        
               5 |${7:-@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@} 1        
               6 |                                         0        

                1
."
}
trace ascii -x aggpack -x encoding=ascii -s packed.d
packed ascii/printed X x x _ X
trace blocks -x aggpack -s packed.d
packed blocks/printed █ ▆ ▅ ▂ ▇
TERM=dumb trace terminal -x aggpack -s packed.d
packed terminal/printed X x x _ X
TERM=dumb trace utf8 -x aggpack -x encoding=utf8 -x aggzoom -s packed.d
packed utf8/printed █ █ █ ▂ █ '██████████████████████████████████████  '

# Blocks of eighths only if they are asked for, and nothing lies below zero.
trace eighths -x agghist -x encoding=utf8 -n 'BEGIN { @a["a"] = sum(7);
    @a["b"] = sum(9); @b["a"] = sum(-1); @b["b"] = sum(1); exit(0); }'
printed eighths/printed "

              key  $D
                a |█████████████████▌                       7        
                b |██████████████████████▌                  9        

              key  $D
                a           @@@@@@@@@@|                     -1       
                b                     |@@@@@@@@@@           1        
."

# What each CPU added, and what those have that added nothing.
cpu=$(taskset -pc $$ | sed 's/.*: *\([0-9]*\).*/\1/')
taskset -pc "$cpu" $$ >/dev/null
cpus() { # VALUE OF-OTHERS
    local i
    printf '%17s' "$1"
    for ((i = 0; i < $(getconf _NPROCESSORS_CONF); i++)); do
        printf '\n    [CPU %d] %16s' $i "$([ $i = "$cpu" ] && echo "$1" || echo "$2")"
    done
}
cat >per_cpu.d <<'EOF2'
#pragma D option aggpercpu
BEGIN
{
    @n["a"] = count(); @n["b"] = count(); @n["b"] = count();
    @low = min(4); @high = max(4);
    printa("%@d", @high); trunc(@n, 1);
    printa(@n); clear(@n); printa(@n); printa(@low, @high);
    exit(0);
}
EOF2
trace per_cpu -s per_cpu.d
B="  b                                                 "
printed per_cpu/printed "4
$B$(cpus 2 0)

$B$(cpus 0 0)

$(cpus 4 9223372036854775807)$(cpus 4 -9223372036854775808)

."
printf 'int main(void) { return 0; }' | gcc -o still -x c -
instrument still 'BEGIN { @[1] = count(); @s = sum(3); }' -x aggpercpu
./still.inst
extract still --format=text >out
printed extracted/printed "
        1$(cpus 1 0)
$(cpus 3 0)
."
is extracted/json '{"@": [{"key": [1], "value": 1}], "@s": 3}' \
    "$(extract still --format=json)"

# Without a format, and as %u, a value is divided without its sign.
trace negative -n 'BEGIN { @["k"] = sum(-7); @v["k"] = avg(-7); @m = min(-8);
    normalize(@, 2); normalize(@v, 2); normalize(@m, 4);
    printa(@); printa("%@d %@u %@d\n", @, @, @v); printa("%@d\n", @m);
    exit(0); }'
printed negative/printed "
  k                                                  9223372036854775804
-3 9223372036854775804 -3
-2

."
