# MCTrace: the only build description. `make` builds build/mctrace; V=asan,
# V=fuzz and V=cover build variants in folders of their own.

LLVM    ?= 19
CC      := clang-$(LLVM)
V       ?= release
B       := build$(if $(filter-out release,$(V)),/$(V))
MACHINES := x86_64

CFLAGS_release := -O2 -g
CFLAGS_asan    := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all \
                  -fno-omit-frame-pointer
CFLAGS_cover   := -O0 -g -fprofile-instr-generate -fcoverage-mapping
CFLAGS_fuzz    := $(CFLAGS_asan) -fsanitize=fuzzer-no-link

PACKAGES := libelf libdw jansson
CFLAGS  := -std=c11 -D_GNU_SOURCE -Wall -Wextra -Wpedantic -Werror -Wshadow \
           -Wvla -Wmissing-prototypes -Wstrict-prototypes -Wno-gnu-zero-variadic-macro-arguments \
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
	$(CC) $(CFLAGS) -MMD -c -o $@ $<

# The runtime, once per machine, embedded in mctrace as bitcode.
RTFLAGS := -std=c11 -O2 -ffreestanding -fno-builtin -fPIC -fvisibility=hidden \
           -fno-stack-protector -fomit-frame-pointer -fno-asynchronous-unwind-tables \
           -fno-unwind-tables -mgeneral-regs-only -Wall -Wextra -Werror -Iinclude -Iruntime
RTTARGET_x86_64 := x86_64-unknown-linux-gnu

build/rt/%.bc: $(wildcard runtime/*.[ch] runtime/sys/*.h include/mctrace/*)
	@mkdir -p $(@D)/$*
	for f in runtime/*.c; do \
	    $(CC) --target=$(RTTARGET_$*) $(RTFLAGS) -DMCT_SYS='"sys/$*.h"' -emit-llvm -c \
	        -o $(@D)/$*/$$(basename $$f .c).bc $$f || exit 1; done
	llvm-link-$(LLVM) -o $@ $(@D)/$*/*.bc

$(B)/obj/runtime.o: src/codegen/runtime.S $(MACHINES:%=build/rt/%.bc)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_$(V)) -c -Ibuild/rt -o $@ $<

clean:
	rm -rf build

-include $(OBJECTS:.o=.d)
.PHONY: all clean
