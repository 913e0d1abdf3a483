# Probes that a program's authors put into it: listed, switched on, restored.
. "$TOP/tests/lib.sh"
need gcc
cat >app.c <<'EOF'
#define _SDT_HAS_SEMAPHORES 1
#include <stdio.h>
#include <sys/sdt.h>
unsigned short app_asked_semaphore __attribute__((section(".probes")));
unsigned short app_other_semaphore __attribute__((section(".probes")));
int main(void) {
    if (app_asked_semaphore)
        STAP_PROBE1(app, asked, 7);
    if (app_other_semaphore)
        STAP_PROBE1(app, other, 8);
    printf("%d %d\n", app_asked_semaphore, app_other_semaphore);
    return 0;
}
EOF
if ! gcc -O1 -o app app.c 2>said; then
    skip all "no sys/sdt.h"
    exit 0
fi
is list "app a.out main asked
app a.out main other" "$("$MCTRACE" list -b app --probe='app$target:::' |
    awk 'NR > 1 { print $2, $3, $4, $5 }')"
# Its semaphore says that somebody listens, and no other does.
is semaphore "1 0

                7                1" "$("$MCTRACE" trace -qc ./app \
    -n 'app$target:::asked { @[arg0] = count(); }')"
# An id that was listed means that probe.
id=$("$MCTRACE" list -b app --probe='app*:::other' | awk 'END { print $1 }')
is id "0 1

  other                                                             1" \
    "$("$MCTRACE" trace -qc ./app -i "$id { @[probename] = count(); }")"
instrument ./app 'app$target::: { @ = count(); }'
"$MCTRACE" restore -b app.inst -o app.back 2>restored
cmp -s app app.back && ok restored || fail restored "differs: $(cat restored)"

# Headers and objects for programs that want static probes.
cat >prov.d <<'EOF'
provider shop {
    probe sale__done(int, string, unsigned char, struct foo *, uint64_t);
    probe idle();
    probe many(int, int, int, int, int, int, int, int, int, int, int, int);
    probe step(long);
};
EOF
cat >shop.c <<'EOF'
#include <stdio.h>
#include "prov.h"
static int asked(void) { return SHOP_IDLE_ENABLED(); }
static int either(int x) {
    return (x && SHOP_IDLE_ENABLED()) || SHOP_SALE_DONE_ENABLED();
}
__attribute__((noinline)) static void local(int n) { SHOP_STEP(n); }
#ifdef __cplusplus
extern "C"
#endif
void other(void);
int main(int argc, char **argv) {
    SHOP_IDLE();
    if (SHOP_SALE_DONE_ENABLED())
        SHOP_SALE_DONE(-3, argv[0], 'x', (struct foo *)0, 1ull << 40);
    SHOP_MANY(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
    local(argc + 4);
    other();
    printf("%d %d\n", asked(), either(argc));
    return argc > 100 ? (SHOP_IDLE(), 1) : 0;
}
EOF
cat >more.c <<'EOF'
#include "prov.h"
__attribute__((noinline)) static void local(int n) { SHOP_STEP(n * 2); }
#ifdef __cplusplus
extern "C"
#endif
void other(void) { local(7); }
EOF
"$MCTRACE" trace -h -s prov.d
is header/status 0 $?
for compiler in "gcc -O0" "gcc -O2 -fPIE -pie" "gcc -O2 -static" "g++ -O1" \
    "clang-19 -O2"; do
    name=$(echo "$compiler" | tr -d ' ')
    command -v ${compiler%% *} >/dev/null || continue
    $compiler -Wall -Werror -c shop.c && $compiler -Wall -Werror -c more.c &&
        "$MCTRACE" trace -G -s prov.d shop.o more.o &&
        $compiler -o shop shop.o more.o prov.o 2>linked ||
        fail "$name/linked" "$(cat linked)"
    is "$name/quiet" "0 0" "$(./shop)"
    readelf -lW shop | grep -q 'GNU_STACK.* RW ' && ok "$name/stack" ||
        fail "$name/stack" "may be executed"
    is "$name/traced" "1 1

               -3              120                0    1099511627776                1
                1                9               10                1
                5                1
               14                1" "$("$MCTRACE" trace -qc ./shop -n '
shop$target:::sale-done { @s[arg0, arg2, arg3, arg4] = count(); }
shop$target:::many { @m[arg0, arg8, arg9] = count(); }
shop$target:::step { @t[arg0] = count(); }
shop$target:::idle { n = 1; }')"
done
# -lv has the types of a provider that the script declares.
is listed "		args[0]: int
		args[1]: string
		args[2]: unsigned char
		args[3]: struct foo *
		args[4]: uint64_t" "$("$MCTRACE" trace -lv -c ./shop -s prov.d \
    -n 'shop$target:::sale-done' | grep 'args\[')"
# Scripts see the arguments as the provider shows them: others, in another
# order, translated.
cat >mapped.d <<'EOF2'
struct in { int a, b; };
struct out { int sum; };
translator struct out < struct in *p > {
    sum = *(int *)copyin((uintptr_t)p, 4) + *(int *)copyin((uintptr_t)p + 4, 4);
};
provider mapped {
    probe go(int a, char *b) : (char *b, int a, char *b);
    probe made(int a, struct in *p) : (struct out *p);
    probe vanishing(int a) : ();
};
EOF2
cat >use.c <<'EOF2'
struct in { int a, b; };
#include "mapped.h"
int main(void) {
    struct in in = {3, 4};
    MAPPED_GO(66, "foo");
    MAPPED_MADE(1, &in);
    MAPPED_VANISHING(5);
    return 0;
}
EOF2
"$MCTRACE" trace -h -s mapped.d && gcc -O1 -c use.c &&
    "$MCTRACE" trace -G -s mapped.d use.o && gcc -o use use.o mapped.o ||
    fail mapped/linked
is mapped "foo 66 foo none" "$("$MCTRACE" trace -qc ./use -n '
mapped$target:::go { printf("%s %d %s", copyinstr(arg0), arg1, copyinstr(arg2)); }
mapped$target:::vanishing { printf(" none"); }' | head -1)"
is mapped/typed "foo 66; 7" "$("$MCTRACE" trace -qc ./use -s mapped.d -n '
mapped$target:::go { printf("%s %d; ", stringof(args[0]), args[1]); }
mapped$target:::made { printf("%d", args[0]->sum); }' | head -1)"
is mapped/listed "		args[0]: char *
		args[1]: int
		args[2]: char *
		args[0]: struct out *
		None" "$("$MCTRACE" trace -lv -c ./use -s mapped.d \
    -n 'mapped$target:::' | grep -E 'args\[|None')"
cp prov.o before.o
"$MCTRACE" trace -G -s prov.d shop.o more.o
cmp -s prov.o before.o && ok object/again || fail object/again "differs"
# Objects that call the probes as functions.
cat >calls.c <<'EOF'
extern void __dtrace_shop___step(long);
extern int __dtraceenabled_shop___step(void);
int main(void) {
    if (__dtraceenabled_shop___step())
        __dtrace_shop___step(99);
    return 0;
}
EOF
gcc -O2 -c calls.c
"$MCTRACE" trace -G -s prov.d -o made.o calls.o && gcc -o calls calls.o made.o
is calls "
               99                1" \
    "$("$MCTRACE" trace -qc ./calls -n 'shop$target:::step { @[arg0] = count(); }')"
"$MCTRACE" trace -G -s prov.d prov.d 2>said
is no-object/status 1 $?
"$MCTRACE" trace -G 2>said
is no-script/status 2 $?
"$MCTRACE" trace -G -l -s prov.d 2>said
is both/status 2 $?
"$MCTRACE" trace -h -n BEGIN 2>said
is no-name/status 2 $?

# Probes of a library that the program opens by itself are not reached, which is
# said where the script would match there.
cat >plugin.c <<'EOF'
#include <sys/sdt.h>
int plugin_work(int n) {
    STAP_PROBE1(plugin, worked, n);
    return n + 1;
}
EOF
cat >opens.c <<'EOF'
#include <dlfcn.h>
#include <stdio.h>
int main(void) {
    void *library = dlopen("./plugin.so", RTLD_NOW);
    int (*work)(int) = (int (*)(int))dlsym(library, "plugin_work");
    printf("%d\n", work(3));
    return 0;
}
EOF
gcc -O1 -shared -fPIC -o plugin.so plugin.c && gcc -O1 -o opens opens.c
# opened NAME EXPECTED DESCRIPTION
opened() {
    instrument ./opens "$3 { @ = count(); }" -Z
    is "opened/$1" "$2" "$(sed -n 's/.*warning: .*, so //p' opens.said)"
}
opened usdt "1 probe there is not reached [R_OPENED]" 'plugin$target:::worked'
opened module "1 probe there is not reached [R_OPENED]" 'pid$target:plugin.so:plugin_work:entry'
opened function "1 probe there is not reached [R_OPENED]" 'pid$target::plugin_work:entry'
opened others "" 'pid$target:a.out:main:entry'
opened provider "" 'other$target:::worked'
