# Builds the library, the program, the demonstration record and the tests. GNU make; docs/architecture.md shows the rooms.
#
#   make            library, program, man page, demonstration record      make asan    tests under ASan and UBSan
#   make demo       the brief on the demonstration record                 make fuzz    every fuzz target, FUZZ_SECONDS each
#   make check      all tests (under ten minutes)                         make bench   the bench table, build/bench/results.tsv
#   make check-long the long random and fault runs                        make wasm    the pure rooms for wasm32-wasi
#   make install    honours PREFIX and DESTDIR                            make fmt-check
ifeq ($(origin CC),default)
CC       := gcc
endif
CLANG    ?= clang
PREFIX   ?= /usr/local
DESTDIR  ?=
B        ?= build
OPT      ?= -O2 -g
VERSION  := $(shell cat VERSION)
WARN     := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wcast-qual \
            -Wwrite-strings -Wvla -Wno-unused-parameter
CSTD     := -std=c11 -D_POSIX_C_SOURCE=200809L -DKD_VERSION='"$(VERSION)"'
INC      := -Iinclude -Isrc
PKG      := $(shell pkg-config --cflags libsodium libpcre2-8 2>/dev/null)
LIBS     := $(shell pkg-config --libs libsodium libpcre2-8 2>/dev/null || echo -lsodium -lpcre2-8) -lm
CJSON    := $(shell pkg-config --libs libcjson 2>/dev/null || echo -lcjson)
ALLFLAGS  = $(CSTD) $(OPT) -fPIC $(WARN) $(INC) $(PKG) $(CFLAGS) $(SAN) -MMD -MP

PURE     := base engine lang book seal record view
ROOMS    := $(PURE) store exchange
LIBSRC   := $(wildcard $(ROOMS:%=src/%/*.c))
CLISRC   := $(wildcard src/cli/*.c)
LIBOBJ   := $(LIBSRC:src/%.c=$(B)/obj/%.o)
CLIOBJ   := $(CLISRC:src/%.c=$(B)/obj/%.o)
TESTBIN  := $(patsubst tests/%.c,$(B)/tests/%,$(wildcard tests/test_*.c))
TOOLBIN  := $(patsubst tests/%.c,$(B)/tests/%,$(wildcard tests/tool_*.c))
TESTAID  := $(filter-out $(wildcard tests/test_*.c tests/tool_*.c),$(wildcard tests/*.c))
AIDOBJ   := $(TESTAID:tests/%.c=$(B)/testaid/%.o)
FUZZERS  := $(patsubst fuzz/%.c,%,$(wildcard fuzz/fuzz_*.c))
BENCHBIN := $(patsubst bench/%.c,$(B)/bench/%,$(wildcard bench/*.c))
REC      := treaties/new-start
RECSRC   := $(wildcard $(REC)/treaty.md $(REC)/record.md $(REC)/facts/* $(REC)/keys/*)

all: program record
program: $(B)/kadesh $(B)/libkadesh.so $(B)/libkadesh.a $(B)/kadesh.pc

# ---- library and program

$(B)/obj/%.o: src/%.c VERSION
	@mkdir -p $(@D)
	@echo "  CC      $<"
	@$(CC) $(ALLFLAGS) -c $< -o $@

$(B)/libkadesh.a: $(LIBOBJ)
	@rm -f $@
	@echo "  AR      $@"
	@$(AR) rcs $@ $^

$(B)/kadesh: $(CLIOBJ) $(B)/libkadesh.a
	@echo "  LD      $@"
	@$(CC) $(SAN) $(LDFLAGS) -o $@ $(CLIOBJ) $(B)/libkadesh.a $(LIBS)

$(B)/libkadesh.so.0: $(LIBOBJ)
	@echo "  LD      $@"
	@$(CC) $(SAN) $(LDFLAGS) -shared -Wl,-soname,libkadesh.so.0 -o $@ $^ $(LIBS)

$(B)/libkadesh.so: $(B)/libkadesh.so.0
	ln -sf libkadesh.so.0 $@

$(B)/kadesh.pc: tools/kadesh.pc.in VERSION
	@mkdir -p $(@D)
	sed -e 's|@PREFIX@|$(PREFIX)|g' -e 's|@VERSION@|$(VERSION)|g' $< > $@

# ---- the demonstration record: its books are built from the tables in facts/

record: $(REC)/books/US/checkpoint

$(REC)/books/US/checkpoint: $(RECSRC) | $(B)/kadesh
	$(B)/kadesh -C $(REC) rebuild
	@touch $@

demo: all
	@$(B)/kadesh -C $(REC) verify
	@echo
	@$(B)/kadesh -C $(REC) brief --on 2023-03-20

# ---- tests

$(B)/testaid/%.o: tests/%.c
	@mkdir -p $(@D)
	@echo "  CC      $<"
	@$(CC) $(ALLFLAGS) -Itests -c $< -o $@

$(B)/tests/%: tests/%.c $(AIDOBJ) $(B)/libkadesh.a
	@mkdir -p $(@D)
	@echo "  CC      $<"
	@$(CC) $(ALLFLAGS) -Itests $< -o $@ $(AIDOBJ) $(B)/libkadesh.a $(LIBS) $(CJSON) -lm

tests: $(TESTBIN) $(TOOLBIN)

check: all tests corpus $(B)/bench/generate
	@B=$(B) CC="$(CC)" tests/run.sh

check-long: all tests corpus $(B)/bench/generate
	@B=$(B) CC="$(CC)" LONG=1 tests/run.sh

asan:
	$(MAKE) B=build-asan OPT="-O1 -g" SAN="-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer" program tests corpus
	@B=build-asan CC="$(CC)" ONLY=binaries tests/run.sh

memcheck: program tests record
	@B=$(B) CC="$(CC)" ONLY=memcheck tests/run.sh

# Every fuzz target over its corpus, with any compiler; `make fuzz` explores further with clang's libFuzzer.
$(B)/corpus/%: fuzz/%.c fuzz/corpus_main.c $(B)/libkadesh.a
	@mkdir -p $(@D)
	@echo "  CC      $<"
	@$(CC) $(ALLFLAGS) -Wno-missing-prototypes $< fuzz/corpus_main.c -o $@ $(B)/libkadesh.a $(LIBS)

corpus: $(FUZZERS:%=$(B)/corpus/%)

FUZZ_SECONDS ?= 20
FUZZFLAGS := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
build-fuzz/%: fuzz/%.c build-fuzz/lib/libkadesh.a
	@mkdir -p $(@D)
	$(CLANG) $(CSTD) -O1 -g -fsanitize=fuzzer,address,undefined $(WARN) -Wno-missing-prototypes $(INC) $(PKG) $< -o $@ build-fuzz/lib/libkadesh.a $(LIBS)

fuzz-build:
	$(MAKE) B=build-fuzz/lib CC=$(CLANG) OPT="$(FUZZFLAGS)" build-fuzz/lib/libkadesh.a
	$(MAKE) $(FUZZERS:%=build-fuzz/%)

fuzz: fuzz-build
	@for f in $(FUZZERS); do \
	    mkdir -p build-fuzz/found/$$f; \
	    echo "$$f: $(FUZZ_SECONDS) s"; \
	    build-fuzz/$$f -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=2048 -print_final_stats=0 -verbosity=0 \
	        -artifact_prefix=build-fuzz/found/$$f/ build-fuzz/found/$$f fuzz/corpus/$${f#fuzz_} || exit 1; \
	done

# ---- the pure rooms without an operating system

WASM := $(CLANG) --target=wasm32-wasi -Oz
wasm:
	@mkdir -p $(B)/wasm
	@set -e; for f in $(wildcard $(PURE:%=src/%/*.c)); do \
	    o=$(B)/wasm/$$(echo $$f | tr / _ | sed 's/\.c$$/.o/'); \
	    $(WASM) $(CSTD) $(WARN) $(INC) -c $$f -o $$o; done
	$(WASM) $(CSTD) $(WARN) $(INC) tools/wasm_probe.c $(B)/wasm/*.o -o $(B)/kadesh-pure.wasm
	@ls -l $(B)/kadesh-pure.wasm

# ---- layout, houses, benches, install

CFILES := $(wildcard src/*/*.[ch] include/kadesh/*.h tests/*.[ch] fuzz/*.c bench/*.[ch] tools/*.c)
fmt:
	clang-format -i $(CFILES)
fmt-check:
	clang-format --dry-run -Werror $(CFILES)

$(B)/bench/%: bench/%.c $(B)/libkadesh.a
	@mkdir -p $(@D)
	@echo "  CC      $<"
	@$(CC) $(ALLFLAGS) -Ibench $< -o $@ $(B)/libkadesh.a $(LIBS) -lm

bench: all $(BENCHBIN)
	@B=$(B) bench/run.sh

# The monitor's part of it alone; WORKLOADS="once star" for some of it.
bench-monitor: program $(B)/bench/floor $(B)/bench/measure
	@B=$(B) bench/monitor.py $(WORKLOADS)

install: program
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/pkgconfig $(DESTDIR)$(PREFIX)/include/kadesh \
	    $(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/bash-completion/completions \
	    $(DESTDIR)$(PREFIX)/share/zsh/site-functions $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
	install -m 755 $(B)/kadesh $(DESTDIR)$(PREFIX)/bin/kadesh
	install -m 644 $(B)/libkadesh.a $(DESTDIR)$(PREFIX)/lib/
	install -m 755 $(B)/libkadesh.so.0 $(DESTDIR)$(PREFIX)/lib/
	ln -sf libkadesh.so.0 $(DESTDIR)$(PREFIX)/lib/libkadesh.so
	install -m 644 include/kadesh/*.h $(DESTDIR)$(PREFIX)/include/kadesh/
	sed -e 's|@PREFIX@|$(PREFIX)|g' -e 's|@VERSION@|$(VERSION)|g' tools/kadesh.pc.in \
	    > $(DESTDIR)$(PREFIX)/lib/pkgconfig/kadesh.pc
	install -m 644 docs/kadesh.1 $(DESTDIR)$(PREFIX)/share/man/man1/
	install -m 644 tools/completions/kadesh.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/kadesh
	install -m 644 tools/completions/_kadesh $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_kadesh
	install -m 644 tools/completions/kadesh.fish $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/kadesh.fish

clean:
	rm -rf build build-asan build-clang build-fuzz $(REC)/books $(REC)/state $(REC)/.kadesh

.PHONY: all program record demo tests check check-long asan memcheck corpus fuzz fuzz-build wasm fmt fmt-check bench bench-monitor install clean
.SECONDARY:
-include $(LIBOBJ:.o=.d) $(CLIOBJ:.o=.d) $(BENCHBIN:=.d) $(TESTBIN:=.d) $(TOOLBIN:=.d) $(AIDOBJ:.o=.d)
