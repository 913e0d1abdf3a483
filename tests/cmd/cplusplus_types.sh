# Types of C++: names within namespaces, members of bases, types in units of
# their own; and names that the program has no type or no fixed place for.
. "$TOP/tests/lib.sh"
need g++

cat > shop.cc <<'EOF'
namespace shop { struct item { int price; }; item first = {5};
namespace deep { int level = 9; } }
struct base { int b; virtual ~base() {} };
struct derived : base { int d; };
derived thing;
thread_local int mine = 2;
extern "C" __attribute__((noinline)) int take(shop::item *i, derived *d) {
    return i->price + d->d + shop::deep::level + mine;
}
int main() { thing.d = 3; thing.b = 8; return take(&shop::first, &thing) - 19; }
EOF
cat > shop.d <<'EOF'
pid$target:a.out:take:entry {
    printf("%d %d %d %d %d %d %d\n", args[0]->price,
           ((struct item *)arg0)->price, args[1]->d, args[1]->b, `level,
           `first.price, `thing.b);
}
EOF
for flags in -gdwarf-5 -fdebug-types-section; do
    g++ -g -O1 $flags -o shop shop.cc
    "$MCTRACE" trace -qs shop.d -c ./shop >out 2>said
    is "$flags" "5 5 3 8 9 5 8" "$(cat out said)"
done

# refused NAME TAG SCRIPT
refused() {
    "$MCTRACE" trace -xerrtags -n "$3" -c ./shop >out 2>said
    is "$1/status" 1 $?
    is "$1/tag" "[$2]" "$(grep -o '\[D_[A-Z_]*\]' said)"
}
refused thread D_VAR_UNSUP 'BEGIN { trace(`mine); }'
refused library D_IDENT_UNDEF 'BEGIN { trace(libc.so.6`environ); }'
refused nowhere D_IDENT_UNDEF 'BEGIN { trace(`nowhere); }'
refused written D_OP_WRITE 'BEGIN { `level = 3; }'
g++ -O1 -o shop shop.cc
refused untyped D_SYM_NOTYPES 'BEGIN { trace(`thing); }'
