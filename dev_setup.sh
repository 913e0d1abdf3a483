#!/bin/sh
# dev_setup.sh [TARGET...]: installs what MCTrace needs on Debian 12 and is not
# there yet, then runs `make TARGET...`.
#
#   ./dev_setup.sh demo     what it takes to build, and the demonstration
#   ./dev_setup.sh check    also what the tests use, and all tests
#   ./dev_setup.sh bench    also the tracers it is compared with
#
# Works on a system without make or compiler, as root or through sudo. It may
# be run again at any time: with everything there it touches no network.
set -eu
cd "$(dirname "$0")"
[ $# -gt 0 ] || set -- all

build="make pkg-config gcc libc6-dev binutils clang-19 lld-19 llvm-19
    llvm-19-dev libzydis-dev libelf-dev libdw-dev libjansson-dev"
check="g++ musl-tools libcmocka-dev libclang-rt-19-dev python3 strace gdb
    valgrind csmith libcsmith-dev clang-format-19 clang-tidy-19 cppcheck git
    perl sqlite3 procps linux-perf lua5.4 xz-utils systemtap-sdt-dev
    qemu-user g++-aarch64-linux-gnu libc6-dev-arm64-cross
    gcc-arm-linux-gnueabihf libc6-dev-armhf-cross gcc-powerpc-linux-gnu
    libc6-dev-powerpc-cross gcc-riscv64-linux-gnu libc6-dev-riscv64-cross
    gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm qemu-system-ppc
    qemu-system-misc opensbi u-boot-qemu"
bench="python3 lua5.4 zstd gzip musl-tools"
rivals="uftrace bpftrace lttng-tools liblttng-ust-dev libunwind-dev valgrind strace"

# Tests and benchmarks name what is missing and go on without these.
wanted="$build"
optional=""
for target in "$@"; do
    case $target in
    check | cover | golden) wanted="$wanted $check" ;;
    lint | format | fuzz) wanted="$wanted $check" ;;
    bench) wanted="$wanted $bench" optional="$optional $rivals" ;;
    fresh) wanted="$wanted debootstrap git" ;;
    esac
done

say() {
    echo "dev_setup: $*" >&2
}

installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

missing() {
    for package in "$@"; do
        installed "$package" || printf '%s ' "$package"
    done
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        say "needs root for: $*"
        say "run that as root, or install sudo"
        exit 1
    fi
}

available() {
    apt-cache show --no-all-versions "$1" >/dev/null 2>&1
}

# Names every package that apt's sources do not have, instead of stopping at
# the first one.
require_available() {
    absent=""
    for package in "$@"; do
        available "$package" || absent="$absent $package"
    done
    [ -n "$absent" ] || return 0
    say "apt's sources do not offer:$absent"
    say "they are in Debian 12 (bookworm), component main, as of its updates:"
    say "add the suites bookworm, bookworm-updates and bookworm-security with"
    say "component main to /etc/apt/sources.list and run this again"
    exit 1
}

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    say "this is no Debian; install the like of these, then run make $*:"
    say $wanted
    exit 1
fi

needed=$(missing $wanted)
extra=$(missing $optional)
if [ -n "$needed$extra" ]; then
    say "installing $needed$extra"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
    require_available $needed
    for package in $extra; do
        available "$package" && needed="$needed $package"
    done
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
        --no-install-recommends -o Dpkg::Use-Pty=0 $needed >&2
fi

exec make -j"$(nproc)" "$@"
