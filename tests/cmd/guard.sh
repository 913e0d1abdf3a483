# Reading the program's memory: no system calls for what is there, the program's
# own end when it crashes, and runtimes that live on signals of bad addresses.
. "$TOP/tests/lib.sh"
need gcc strace
cat >reads.c <<'END'
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
static int value = 7;
__attribute__((noipa)) int work(int *p) { return p != 0; }
int main(int argc, char **argv) {
    if (argc < 2)
        return 9;
    if (strcmp(argv[1], "good") == 0)
        for (int i = 0; i < 5000; i++)
            work(&value);
    work((int *)8);
    if (strcmp(argv[1], "crash") == 0)
        *(volatile int *)16 = 1;
    if (strcmp(argv[1], "raise") == 0)
        raise(SIGSEGV);
    if (strcmp(argv[1], "bus") == 0)
        kill(getpid(), SIGBUS);
    if (strcmp(argv[1], "abort") == 0)
        abort();
    return 3;
}
END
script='pid$target:a.out:work:entry { @ = sum(copyint32(arg0)); }'

# statuses NAME: each way to end, as the original ends.
statuses() {
    for way in good crash raise bus abort; do
        "./$1" $way 2>/dev/null
        local before=$?
        "./$1.inst" $way 2>/dev/null
        is "$1/$way" $before $?
    done 2>/dev/null
}

gcc -O1 -o reads reads.c
gcc -O1 -static -o still reads.c
for name in reads still; do
    instrument "./$name" "$script" || fail "$name" "$(cat "$name.said")"
    # 5000 reads; the rest is start-up, and one question a thread.
    calls=$(strace -f -o "$name.trace" "./$name.inst" good; wc -l <"$name.trace")
    [ "$calls" -lt 300 ] && ok "$name/calls" ||
        fail "$name/calls" "$calls system calls"
    asked=$(grep -c process_vm_readv "$name.trace")
    [ "$asked" -lt 5 ] && ok "$name/kernel" ||
        fail "$name/kernel" "$asked reads by the kernel"
    is "$name/sum" '{"@": 35000}' "$("$MCTRACE" extract \
        --var-mapping="$name.json" --persistence-file="$name.data" 2>/dev/null)"
    statuses "$name"
done

# A library by itself cannot see what becomes of signals: the kernel reads.
cat >lib.c <<'END'
__attribute__((noipa)) int look(int *p) { return p != 0; }
END
cat >user.c <<'END'
int look(int *);
int main(void) { int n = 5; return look(&n) + look((int *)8) - 2; }
END
gcc -O1 -shared -fPIC -o liblook.so lib.c
gcc -O1 -o user user.c -L. -llook
mkdir new
"$MCTRACE" instrument --binary=liblook.so --output=new/liblook.so \
    --var-mapping=lib.json --persistence-file="$PWD/lib.data" \
    -n 'pid$target::look:entry { @ = sum(copyint32(arg0)); }' 2>said ||
    fail library "$(cat said)"
LD_LIBRARY_PATH=new ./user
is library/status 0 $?
is library/sum '{"@": 5}' "$("$MCTRACE" extract --var-mapping=lib.json \
    --persistence-file=lib.data 2>/dev/null)"

# reads_of NAME PROGRAM ARGUMENT...: bad addresses at many places, all threads.
reads_of() {
    local name=$1 program=$2
    shift 2
    calls=$(printf 'syscall::%s:entry,' openat futex read mmap)
    instrument "$program" "${calls%,} { @n = count(); @ = sum(copyint32(8)); }
        syscall::openat:entry { @path = sum(copyint32(arg1)); }
        ${calls%,} { @stacks[ustack(20)] = count(); }" ||
        { fail "$name" "$(cat "$(basename "$program").said")"; return; }
    "$program" "$@" >before 2>&1
    is "$name/status" $? "$("./$(basename "$program").inst" "$@" >after 2>&1
        echo $?)"
    cmp -s before after && ok "$name/output" ||
        fail "$name/output" "$(diff before after | head -n 3)"
}

if command -v node >/dev/null; then
    cat >work.js <<'END'
const { Worker, isMainThread } = require('worker_threads');
let s = 0;
for (let i = 0; i < 1e6; i++) s += i % 7;
if (isMainThread) {
    console.log(s, require('child_process').execSync('echo hi').toString());
    for (let i = 0; i < 3; i++) new Worker(__filename);
}
END
    reads_of node "$(realpath "$(command -v node)")" work.js
else
    skip node "no node"
fi
if command -v go >/dev/null; then
    cat >main.go <<'END'
package main

import ("fmt"; "os"; "os/exec"; "runtime"; "sync")

type T struct{ x int }

func f(p *T) (r int) {
	defer func() { if recover() != nil { r = 1 } }()
	return p.x
}

func main() {
	var wg sync.WaitGroup
	sums := make([]int, 4)
	for k := range sums {
		wg.Add(1)
		go func(k int) {
			defer wg.Done()
			for i := 0; i < 300; i++ {
				sums[k] += f(nil)
				if i%50 == 0 { runtime.GC() }
				os.ReadFile("/etc/hostname")
			}
		}(k)
	}
	wg.Wait()
	out, _ := exec.Command("/bin/echo", "hi").Output()
	fmt.Print(sums, string(out))
}
END
    if HOME=$PWD GOFLAGS=-mod=mod CGO_ENABLED=0 go build -o gone main.go 2>said
    then
        reads_of go "$PWD/gone"
    else
        skip go "$(tail -n 1 said)"
    fi
else
    skip go "no go"
fi
