# ustack() against gdb's backtraces: programs without frame pointers, through
# libraries that nobody rewrote for it, exceptions and interpreters.
. "$TOP/tests/lib.sh"
need gdb g++ python3 perl
stacks="$TOP/tests/real/ustack_stacks.py"

# compare NAME MOST FUNCTION PROGRAM ARGUMENT...
compare() {
    local name=$1 most=$2 function=$3 program=$4
    shift 4
    instrument "$program" "pid\$target:a.out:$function:entry { ustack(); }" ||
        { fail "$name" "$(cat "$(basename "$program").said")"; return; }
    file=$(basename "$program")
    "./$file.inst" "$@" >ours.out 2>&1
    python3 "$stacks" "$file.data" | head -n "$most" >ours
    gdb -q -batch -ex 'set backtrace past-main on' \
        -ex 'set backtrace limit 100' -ex 'set debuginfod enabled off' \
        -ex 'set startup-with-shell off' \
        -ex "set \$most = $most" -ex "set \$function = \"$function\"" \
        -x "$stacks" --args "$program" "$@" 2>gdb.err | grep '^STACK' >theirs
    if [ ! -s theirs ]; then
        skip "$name" "gdb shows nothing: $(tail -n 1 gdb.err)"
    elif cmp -s ours theirs; then
        ok "$name"
    else
        fail "$name" "$(diff ours theirs | head -n 4)"
    fi
}

cat >cxx.cc <<'END'
#include <algorithm>
#include <cstdio>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>
extern "C" __attribute__((noipa, used)) int leaf(int n) { return n + 1; }
struct A {
    virtual int go(int n) const { return leaf(n); }
    virtual ~A() { leaf(100); }
};
struct B : A {
    std::string s;
    explicit B(std::string t) : s(std::move(t)) {}
    int go(int n) const override {
        return n ? go(n - 1) + (int)s.size() : leaf(n);
    }
};
__attribute__((noinline)) int thrower(int n) {
    if (n == 0) { leaf(50); throw std::runtime_error("thrown"); }
    B b("guard");
    return thrower(n - 1) + b.go(0);
}
int main() {
    B b(std::string(40, 'x'));
    A *p = &b;
    int s = p->go(3);
    std::vector<int> v{3, 1, 2, 9, 4, 7};
    std::sort(v.begin(), v.end(), [](int x, int y) { leaf(x); return x < y; });
    std::function<int(int)> f = [&](int n) {
        return n < 2 ? leaf(n) : f(n - 1) + f(n - 2);
    };
    s += f(4);
    try { thrower(3); } catch (std::exception &e) { s += leaf(60); puts(e.what()); }
    printf("%d\n", s);
}
END
g++ -O2 -g -fomit-frame-pointer -o cxx cxx.cc
compare cxx 100 leaf "$PWD/cxx"
compare perl 60 Perl_newSVpvn "$(realpath "$(command -v perl)")" \
    -e 'my %h = map { $_ => "v$_" } 1..20; print join ",", sort keys %h; eval { die "x" }; sub f { $_[0] ? f($_[0]-1) . "a" : "b" } print f(20);'
compare python3 60 PyList_Append "$(realpath /usr/bin/python3)" -S -E \
    -c 'import sys; print(sorted([[x] for x in range(5)], key=lambda v: -v[0]))'
compare bash 60 xmalloc "$(realpath "$(command -v bash)")" --norc \
    -c 'f() { [ $1 -gt 0 ] && f $(($1 - 1)); echo $1; }; f 5; (exit 3); echo $?'
