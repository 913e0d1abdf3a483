# What of D there is without an operating system: shown on boards, by either code
# generator; and what there is not, refused by name.
. "$TOP/tests/lib.sh"
. "$TOP/tests/firmware/boards.sh"

cat >all.d <<'END'
#pragma D option destructive
#pragma D option nspec=2
#pragma D option aggsize=16k
self int mine; self int indexed[int];
int pairs[string, int]; string last; uint64_t before; int wrong;
struct pair { char a; int b; } both;
BEGIN { both.a = 3; both.b = -4; pairs["none", 1] = 1; pairs["none", 1] = 0; }
pid$target:a.out:report:entry
{ self->mine = arg1; self->indexed[3] += arg1; pairs[copyinstr(arg0), arg1]++;
  this->text = copyinstr(arg0); last = strjoin(this->text, lltostr(arg1));
  @text[substr(this->text, 1, 3), strlen(this->text), index(this->text, "o"),
      toupper(this->text), basename("/a/b")] = count();
  @net[inet_ntoa(alloca(4)), htons(htons(1)), getmajor(0x801)] = count();
  wrong += timestamp < before; before = timestamp; both.b++;
  @kinds[cpu, probefunc, probename] = count(); }
pid$target:a.out:put_number:entry
{ @mine = sum(self->mine); @indexed = max(self->indexed[3]); self->mine = 0; }
pid$target:a.out:fibonacci:entry
{ @q = quantize(arg0); @l = lquantize(arg0, 0, 12, 4);
  @ll = llquantize(arg0, 10, 0, 2, 10); @avg = avg(arg0);
  @dev = stddev(arg0); @least = min(arg0); @most = max(arg0); }
pid$target:a.out:fibonacci:entry /arg0 == 12/
{ this->s = speculation(); speculate(this->s); trace(arg0); self->s = this->s; }
pid$target:a.out:fibonacci:entry /arg0 == 12/ { commit(self->s); }
pid$target:a.out:report:entry /arg1 == 1/
{ printf("%s %5d|%-3x|", copyinstr(arg0), arg1, 10); trace(both.b); }
pid$target:a.out:report:entry /arg1 == 1/ { trace(1 / (wrong - wrong)); }
ERROR { @errors[arg4] = count(); }
pid$target:a.out:put_text:return /last == "sorted1"/ { exit(4); }
END { @end = count(); printf("%d", both.a); }
END
cat >expected <<'END'
avg 2
dev 2
end 1
errors [[[4], 1]]
indexed 1148
kinds [[[0, 'report', 'entry'], 3]]
least 0
mine 1148
most 12
net [[['0.0.0.0', 1, 0], 3]]
text [[['ibo', 9, 3, 'FIBONACCI', 'b'], 1], [['omp', 8, 1, 'COMPARED', 'b'], 1], [['ort', 6, 1, 'SORTED', 'b'], 1]]
pairs [[['compared', 1004], 1], [['fibonacci', 144], 1], [['sorted', 1], 1]]
last sorted1
wrong 0
q [[0, 0, 89], [1, 1, 144], [2, 3, 144], [4, 7, 76], [8, 15, 12]]
fibonacci:entry 12
report:entry sorted 1|a | -1
:END 3
END
show() {
    python3 - "$@" <<'END'
import json, sys
j = json.load(open("values"))
def plain(v):
    return sorted([e["key"], e["value"]] for e in v) if isinstance(v, list) else v
for name in "avg dev end errors indexed kinds least mine most net text".split():
    print(name, plain(j["@" + name]))
print("pairs", plain(j["pairs"]))
print("last", j["last"])
print("wrong", j["wrong"])
print("q", [[b["min"], b["max"], b["count"]] for b in j["@q"]])
END
    awk '/:entry|:END/ { $1 = $2 = ""; sub(/^ */, ""); gsub(/ +/, " "); print }' text
}
for board in $boards; do
    take_board "$board" && build_board && run_board "$name.elf" || continue
    mv serial before
    # How often it compares is the machine's own.
    sed "s/compared', 1004/compared', $(sed -n 's/compared //p' before)/
        s/ 1148$/ $((144 + $(sed -n 's/compared //p' before)))/" expected >wanted
    for by in llvm c; do
        "$MCTRACE" instrument --binary="$name.elf" --output=out --script=all.d \
            --var-mapping=map --codegen=$by 2>said || {
            fail "$name-$by" "$(head -c 300 said)"
            continue
        }
        run_board out dump
        is "$name-$by/output" "$(cat before)" "$(cat serial)"
        "$MCTRACE" extract --var-mapping=map --memory="dump@$ram" >values 2>said
        "$MCTRACE" extract --var-mapping=map --memory="dump@$ram" \
            --format=text >text 2>told
        is "$name-$by" "$(cat wanted)" "$(show 2>&1)"
    done
done

take_board mps2_an385 && build_board || exit 0
# no TEST NAME CLAUSE: refused, with the name.
no() {
    rm -f out
    printf '%s\n' '#pragma D option destructive' "$3" >no.d
    "$MCTRACE" instrument --binary="$name.elf" --output=out --script=no.d \
        --var-mapping=map 2>said
    is "no/$1" "1 1" "$? $(grep -c "error: .*$2.*operating system.*R_BARE\|error: .*operating system ($2.*R_BARE" said)"
    [ ! -e out ] || fail "no/$1" "left an output"
}
no tick tick-1s 'tick-1s { @ = count(); }'
no profile profile-97 'profile-97 { @ = count(); }'
r=pid\$target:a.out:report:entry
for what in 'ustack ustack()' 'ustack @[ustack()]=count()' 'ustack jstack()' \
    'ustackdepth trace(ustackdepth)' 'usym usym(arg0)' 'usym @[func(arg0)]=count()' \
    'pid trace(pid)' 'ppid trace(ppid)' 'tid trace(tid)' 'uid trace(uid)' \
    'gid trace(gid)' 'execname trace(execname)' 'cwd trace(cwd)' \
    'walltimestamp trace(walltimestamp)' 'vtimestamp trace(vtimestamp)' \
    'progenyof trace(progenyof(1))' 'raise raise(9)' 'stop stop()' \
    'chill chill(100)'; do
    no "${what#* }" "${what%% *}" "$r { ${what#* }; }"
done
