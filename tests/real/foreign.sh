# Debian's own programs for other machines, every function's entry and return
# counted, under qemu: they do what they did. They have no symbols. fd is of an
# encoding that Debian's C has not, Python and busybox lie where they were
# linked; of the last two the libraries are rewritten as well.
. "$TOP/tests/lib.sh"
need apt-get dpkg-deb

# In `root`, where the build's other results are, as this takes a while.
fetch() {
    root=$TOP/build/foreign/$1
    [ -e "$root/done" ] && return
    "$TOP/tests/foreign" "$1" "$root" coreutils grep sed gzip bash lua5.4 \
        sqlite3 perl-base dash openssl python3.11-minimal busybox-static \
        fd-find >fetch.log 2>&1 && touch "$root/done"
}

# run PROGRAM FILE ARGUMENT...: FILE as PROGRAM, with the libraries of `root`.
run() {
    "$qemu" -L "$root" -0 "${1##*/}" "${@:2}"
}

# same_there TEST PROGRAM ARGUMENT...: instruments the program if that was not
# done, with `script`, runs both, compares.
same_there() {
    local test=$machine/$1 program=$root/$2 name=${2##*/}
    local inst=$PWD/$machine/$name
    if [ ! -e "$inst" ]; then
        mkdir -p "$machine"
        "$MCTRACE" instrument --binary="$program" --output="$inst" \
            --var-mapping="$inst.json" --persistence-file="$inst.data" \
            --root="$root" -n "$script" 2>said ||
            { fail "$test/instrument" "$(tail -n 1 said)"; return; }
    fi
    run "$program" "$program" "${@:3}" <input >before.out 2>before.err
    local before=$?
    run "$program" "$inst" "${@:3}" <input >after.out 2>after.err
    is "$test/status" $before $?
    is "$test/output" "" "$(cmp before.out after.out 2>&1)"
    is "$test/messages" "$(cat before.err)" "$(cat after.err)"
    local calls
    calls=$("$MCTRACE" extract --var-mapping="$inst.json" \
        --persistence-file="$inst.data" --format=text |
        awk '$2 == "entry" { calls += $NF } END { print calls + 0 }')
    [ "$calls" -gt 20 ] && ok "$test/counted" ||
        fail "$test/counted" "$calls calls"
}

libraries='pid$target:::entry, pid$target:::return
{ @[probefunc, probename] = count(); }'
seq 1 3000 >input
for machine in aarch64 arm; do
    case $machine in
    aarch64) architecture=arm64 qemu=qemu-aarch64 ;;
    arm) architecture=armhf qemu=qemu-arm ;;
    esac
    command -v $qemu >/dev/null || { skip $machine "no $qemu"; continue; }
    fetch $architecture || {
        skip $machine "no packages: $(tail -n 1 fetch.log)"
        continue
    }
    script=$ends
    same_there lua usr/bin/lua5.4 -e 'local t = {}
for i = 1, 2000 do t[i] = (i * 7919) % 1000 end
table.sort(t) print(table.concat(t, ",", 1, 50), string.format("%.3f", 1 / 3))'
    same_there gzip bin/gzip -9c
    same_there grep bin/grep -nE '^(1|2)[0-9]*7$'
    same_there sed bin/sed -n 's/\(.\)\(.*\)/\2\1/p;100q'
    same_there sqlite3 usr/bin/sqlite3 :memory: \
        'create table t(a); insert into t values (1),(2),(3); select sum(a), avg(a) from t;'
    same_there bash bin/bash -c 'f() { [ $1 -gt 0 ] && f $(($1 - 1)); echo $1; }; f 9; exit 3'
    same_there perl usr/bin/perl -ne '$s += $_; END { printf "%d %s\n", $s, join ",", sort keys %{{a=>1,b=>2}} }'
    same_there ls bin/ls -l "$root/etc"
    same_there fd usr/lib/cargo/bin/fd --no-ignore -j1 . "$root/etc"
    same_there busybox bin/busybox awk '{ s += $1 } END { print s }'
    same_there python usr/bin/python3.11 -S -E -c 'print(sum(i * i for i in range(1000)))
try: 1 / 0
except ZeroDivisionError as e: print(e)'
    script=$libraries
    same_there dash bin/dash -c 'f() { [ $1 -gt 0 ] && f $(($1 - 1)); echo $1; }
f 20; x=$(echo a | (read y; echo "$y")); trap "echo got" TERM; kill -TERM $$; exit 4'
    same_there openssl usr/bin/openssl dgst -sha3-256
done
