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
