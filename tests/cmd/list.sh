# list prints sites as dtrace -l does.
. "$TOP/tests/lib.sh"
need gcc nm
cat >two.c <<'END'
__attribute__((noipa)) int make(int n) { return n > 1 ? n * 2 : 3; }
__attribute__((noipa)) int take(int n) { return n; }
int main(void) { return make(1) - take(3); }
END
gcc -O1 -o two two.c
is header "   ID   PROVIDER            MODULE                          FUNCTION NAME" \
    "$("$MCTRACE" list --binary=two | head -n 1)"
"$MCTRACE" list --binary=two '--probe=pid$target:a.out:ma*:entry' >entries
is pattern "main make" "$(awk 'NR > 1 { print $4 }' entries | sort | tr '\n' ' ' |
    sed 's/ $//')"
is name entry "$(awk 'NR > 1 { print $5 }' entries | sort -u)"
"$MCTRACE" list --binary=two '--probe=pid$target:a.out:take:' >all
size=$(nm -S two | awk '$4 == "take" { print $2 }')
instructions=$(objdump -d --disassemble=take two | grep -c '^ .*:	')
is offsets "$instructions" "$(awk 'NR > 1 && $5 ~ /^[0-9a-f]+$/' all | wc -l)"
[ -n "$size" ] || fail size "no size"
"$MCTRACE" list --binary=two '--probe=pid$target:a.out:nothing:entry' >none 2>said
is none 1 "$(wc -l <none)"
functions=$(nm --defined-only two | grep -c ' [Tt] ')
listed=$("$MCTRACE" list --binary=two '--probe=pid$target:a.out::entry' |
    awk 'NR > 1 { print $4 }' | sort -u)
for name in make take main _start; do
    case " $(echo $listed) " in
    *" $name "*) ;;
    *) fail "function-$name" "not among: $(echo $listed)" ;;
    esac
done
ok functions
# Every function of a large program with symbols is there.
"$MCTRACE" list --binary="$MCTRACE" '--probe=pid$target:a.out::entry' |
    awk 'NR > 1 { print $4 }' | sort -u >listed
nm -S --defined-only "$MCTRACE" | awk 'NF == 4 && $3 ~ /[tT]/ { print $4 }' |
    sort -u >expected
is complete "" "$(comm -23 expected listed | head -n 5 | tr '\n' ' ')"
is systemcalls "$("$MCTRACE" list --binary=two '--probe=syscall:::entry' |
    awk 'NR > 1 { print $2 }' | sort -u)" "$("$MCTRACE" list --binary=two \
    '--probe=syscall:::entry' | awk 'NR > 1 { print $2 }' | sort -u)"
