# MCTrace: the only build description. `make` builds build/mctrace; V=asan,
# V=fuzz and V=cover build variants in folders of their own.

LLVM    ?= 19
CC      := clang-$(LLVM)
V       ?= release
B       := build$(if $(filter-out release,$(V)),/$(V))
MACHINES := x86_64 aarch64 riscv64 arm ppc32

CFLAGS_release := -O2 -g
CFLAGS_asan    := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all \
                  -fno-omit-frame-pointer
CFLAGS_cover   := -O0 -g -fprofile-instr-generate -fcoverage-mapping
# Without the depth of the stack, which is not the same in every run.
CFLAGS_fuzz    := $(CFLAGS_asan) -fsanitize=fuzzer-no-link \
                  -fno-sanitize-coverage=stack-depth

PACKAGES := libelf libdw jansson
CFLAGS  := -std=c11 -D_GNU_SOURCE -Wall -Wextra -Wpedantic -Werror -Wshadow \
           -Wvla -Wmissing-prototypes -Wstrict-prototypes -Wno-overlength-strings \
           $(CFLAGS_$(V)) -Iinclude -Isrc \
           $(shell pkg-config --cflags $(PACKAGES) 2>/dev/null) \
           -isystem $(shell llvm-config-$(LLVM) --includedir 2>/dev/null)
LDFLAGS := $(CFLAGS_$(V)) -fuse-ld=lld-$(LLVM) \
           -L$(shell llvm-config-$(LLVM) --libdir 2>/dev/null)
LDLIBS  := -lLLVM-$(LLVM) -lZydis $(shell pkg-config --libs $(PACKAGES) 2>/dev/null) -lpthread

SOURCES := $(wildcard src/*/*.c src/arch/*/*.c)
OBJECTS := $(SOURCES:src/%.c=$(B)/obj/%.o)
LIBRARY := $(filter-out $(B)/obj/cmd/main.o,$(OBJECTS))

all: $(B)/mctrace

$(B)/mctrace: $(OBJECTS) $(B)/obj/runtime.o
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(B)/obj/%.o: src/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

# The runtime, once per machine, embedded in mctrace: what becomes part of a
# script's code as bitcode, all else as an object.
RTFLAGS := -std=c11 -O2 -ffreestanding -fno-builtin -fPIC -fvisibility=hidden \
           -ffunction-sections -fdata-sections -fno-stack-protector \
           -fomit-frame-pointer -fno-asynchronous-unwind-tables -fno-unwind-tables -fno-unroll-loops \
           -fno-jump-tables -Wall -Wextra -Werror -Iinclude -Iruntime -I.
RTTARGET_x86_64 := x86_64-unknown-linux-gnu
RTFLAGS_x86_64  := -mgeneral-regs-only
RTTARGET_aarch64 := aarch64-unknown-linux-gnu
RTFLAGS_aarch64  := -mgeneral-regs-only -mno-outline-atomics -ffixed-x18 -mbranch-protection=bti
RTTARGET_arm     := armv7-unknown-linux-gnueabi
RTFLAGS_arm      := -mthumb -mfloat-abi=soft
RTTARGET_ppc32   := powerpc-unknown-linux-gnu
RTFLAGS_ppc32    := -fno-pic -msoft-float
RTTARGET_riscv64 := riscv64-unknown-linux-gnu
RTFLAGS_riscv64  := -march=rv64ima_zicsr -mabi=lp64 -mno-relax
RTCC = $(CC) --target=$(RTTARGET_$*) $(RTFLAGS) $(RTFLAGS_$*) -DMCT_SYS='"sys/$*.h"' -c
RTDEPS := $(wildcard runtime/*.[ch] runtime/sys/*.h include/mctrace/* platform/*.h) Makefile

build/rt/%.bc: $(RTDEPS)
	@mkdir -p $(@D)
	$(RTCC) -emit-llvm -o $@.$$$$ runtime/inline.c && mv $@.$$$$ $@

# As text: preprocessed, but for what every compiler brings, which an empty
# header stands for, and for words that people want to read.
RTWORDS := -nostdinc -isystem build/rt/none -DMCT_IN_WORDS \
           $(patsubst %,-U__ATOMIC_%,RELAXED ACQUIRE RELEASE ACQ_REL SEQ_CST)

build/rt/%.text: $(RTDEPS)
	@mkdir -p $(@D)/none && cd $(@D)/none && touch stdint.h stdbool.h stddef.h
	$(RTCC) $(RTWORDS) -E -C runtime/inline.c | sed 's/^#.*//' > $@.$$$$ && mv $@.$$$$ $@

build/rt/%.o: $(RTDEPS)
	@mkdir -p $(@D)
	d=$$(mktemp -d) && for f in $(filter-out runtime/inline.c,$(wildcard runtime/*.c)); do \
	    $(RTCC) -o $$d/$$(basename $$f .c).o $$f || exit 1; done && \
	$(CC) --target=$(RTTARGET_$*) -nostdlib -r -fuse-ld=lld-$(LLVM) -o $$d/all $$d/*.o && \
	mv $$d/all $@ && rm -r $$d

# The same for programs without an operating system, of the machines that have a
# header in runtime/bare: what makes no system calls, and what stands for them.
# Before caches are on memory bears no unaligned access; not every ARM divides.
BARETARGET_arm := thumbv7m-unknown-none-eabi
BAREFLAGS_arm  := -mno-unaligned-access -Xclang -target-feature -Xclang -hwdiv
BAREFLAGS_aarch64 := -mno-unaligned-access
BARE_C := $(addprefix runtime/,agg.c copy.c drain.c dynvar.c fire.c firing.c halves.c header.c \
          key.c libcalls.c net.c number.c path.c platform.c pointer.c record.c search.c \
          speculation.c string.c text.c) $(wildcard runtime/bare/*.c)
BARECC = $(CC) --target=$(or $(BARETARGET_$*),$(RTTARGET_$*)) $(RTFLAGS) $(RTFLAGS_$*) -DMCT_BARE \
         $(BAREFLAGS_$*) -DMCT_SYS='"bare/$*.h"' -c
BAREDEPS := $(RTDEPS) $(wildcard runtime/bare/*.[ch])

build/rt/%.bare.bc: $(BAREDEPS)
	@mkdir -p $(@D)
	if [ ! -e runtime/bare/$*.h ]; then : >$@; else \
	$(BARECC) -emit-llvm -o $@.$$$$ runtime/inline.c && mv $@.$$$$ $@; fi

build/rt/%.bare.text: $(BAREDEPS) build/rt/%.text
	if [ ! -e runtime/bare/$*.h ]; then : >$@; else \
	$(BARECC) $(RTWORDS) -E -C runtime/inline.c | sed 's/^#.*//' > $@.$$$$ && mv $@.$$$$ $@; fi

build/rt/%.bare.o: $(BAREDEPS)
	@mkdir -p $(@D)
	if [ ! -e runtime/bare/$*.h ]; then : >$@; exit; fi; \
	d=$$(mktemp -d) && for f in $(BARE_C); do \
	    $(BARECC) -o $$d/$$(basename $$f .c).o $$f || exit 1; done && \
	$(CC) --target=$(RTTARGET_$*) -nostdlib -r -fuse-ld=lld-$(LLVM) -o $$d/all $$d/*.o && \
	mv $$d/all $@ && rm -r $$d

build/rt/%.host: runtime/host/host.c Makefile
	@mkdir -p $(@D)
	$(CC) --target=$(RTTARGET_$*) $(RTFLAGS) $(RTFLAGS_$*) -fno-pic -static -nostdlib -fuse-ld=lld-$(LLVM) \
	    -o $@.$$$$ $< && mv $@.$$$$ $@

$(B)/obj/runtime.o: src/codegen/runtime.S $(foreach m,$(MACHINES),$(addprefix build/rt/$m.,bc text o host bare.bc bare.text bare.o))
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_$(V)) -c -Ibuild/rt -D'MACHINES=$(MACHINES)' -o $@ $<

# Tests: unit tests and fuzz targets are programs of their own; everything else
# is driven by tests/run.
UNIT := $(patsubst tests/unit/%.c,$(B)/unit/%,$(wildcard tests/unit/*.c))
FUZZ := $(patsubst tests/fuzz/%.c,$(B)/fuzz/%,$(wildcard tests/fuzz/*.c))
ALL_C := $(wildcard src/*/*.[ch] src/*/*/*.[ch] runtime/*.[ch] runtime/*/*.[ch] \
         include/*/*.h tests/unit/*.c tests/machine/*.c tests/fuzz/*.c tests/unit/*.h tests/scenario/*.h)

$(B)/unit/%: tests/unit/%.c $(LIBRARY) $(B)/obj/runtime.o
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -MMD -MP $(LDFLAGS) -o $@ $< $(filter %.o,$^) $(LDLIBS) \
	    -lcmocka

$(B)/fuzz/%: tests/fuzz/%.c $(LIBRARY) $(B)/obj/runtime.o
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -fsanitize=fuzzer $(LDFLAGS) -o $@ $^ $(LDLIBS)

unit: $(UNIT)
fuzzers: $(FUZZ)

demo: $(B)/mctrace
	@examples/demo $(B)/mctrace

# With the sanitizers: unit tests, fuzz targets, and a second mctrace for the
# tests of bad input.
check: $(B)/mctrace unit
	$(MAKE) V=asan build/asan/mctrace unit
	$(MAKE) V=fuzz fuzzers
	$(MAKE) lint
	tests/run

FUZZ_SECONDS ?= 60
fuzz:
	$(MAKE) V=fuzz fuzzers
	tests/run --fuzz-seconds=$(FUZZ_SECONDS) fuzz/

# New dumps become the expected ones; look at the difference before committing.
golden: $(B)/mctrace
	tests/run --accept script/
	git --no-pager diff --stat -- tests/script

cover:
	$(MAKE) V=cover build/cover/mctrace unit
	rm -rf build/cover/profile
	LLVM_PROFILE_FILE=$(CURDIR)/build/cover/profile/%p.profraw \
	    tests/run --variant=cover || true
	llvm-profdata-$(LLVM) merge -o build/cover/all build/cover/profile/*
	llvm-cov-$(LLVM) report build/cover/mctrace -instr-profile build/cover/all \
	    $(patsubst tests/unit/%.c,-object build/cover/unit/%,$(wildcard \
	    tests/unit/*.c))

bench: $(B)/mctrace
	bench/run

# A minimal Debian in a temporary folder, a clone of this repository in it, and
# the two commands of the README.
fresh:
	tests/fresh

lint:
	tests/lint
	clang-format-$(LLVM) --dry-run -Werror $(ALL_C)
	printf '%s\n' $(SOURCES) | xargs -P2 -n4 sh -c 'clang-tidy-$(LLVM) --quiet \
	    --warnings-as-errors=\* "$$@" -- $(filter-out -MMD -MP -Werror,$(CFLAGS))' sh
	cppcheck --quiet --std=c11 --enable=warning,portability --inline-suppr \
	    --error-exitcode=1 -j2 -Iinclude -Isrc --suppressions-list=.cppcheck src

format:
	clang-format-$(LLVM) -i $(ALL_C)

wc:
	@for d in src/* src/arch/* runtime include/mctrace tests/unit; do \
	    printf '%7d %s\n' $$(cat $$d/*.[chS] $$d/*.def 2>/dev/null | wc -l) $$d; \
	done
	@printf '%7d all\n' $$(cat $$(git ls-files '*.[chS]' '*.def') | wc -l)

clean:
	rm -rf build

-include $(OBJECTS:.o=.d) $(UNIT:=.d)
.PHONY: all unit fuzzers demo check fuzz golden cover bench fresh lint format \
        wc clean
