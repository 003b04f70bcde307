# SPDX-License-Identifier: GPL-2.0-only
# Test targets; included by the top Makefile. Every test speaks TAP and is run by prove.

export LOCKSCOPE := $(abspath $(O)/lockscope)
export CONTEND := $(abspath $(O)/tests/contend)
export BUILD := $(abspath $(O))

HTML_SCRIPTS	:= $(sort $(wildcard tests/html/*.sh))		# the page, in a browser
TUI_SCRIPTS	:= tests/tui/replay.sh tests/tui/terminal.sh	# on recordings
CHECK_SCRIPTS	:= $(sort $(wildcard tests/lint/*.sh tests/golden/*.sh tests/cli/*.sh)) $(HTML_SCRIPTS) $(TUI_SCRIPTS)
BUILD_SCRIPTS	:= $(sort $(wildcard tests/build/*.sh))
ROOT_SCRIPTS	:= $(sort $(wildcard tests/live/*.sh)) \
		   $(filter-out $(TUI_SCRIPTS),$(sort $(wildcard tests/tui/*.sh)))
KERNELS		?= 6.1 6.12 6.12-lockdep
FUZZ_SECONDS	?= 60
PROVEFLAGS	?= --failures --comments

.PHONY: test check-build

lint: all
	$(Q)$(PROVE) $(PROVEFLAGS) $(sort $(wildcard tests/lint/*.sh))

# No privileges needed.
check: all $(UNIT_BIN) $(BTF_TESTS) $(O)/tests/bench/loops
	$(Q)$(PROVE) $(PROVEFLAGS) $(UNIT_BIN) $(BTF_TESTS) $(CHECK_SCRIPTS)

# Every compiler and build variant; takes minutes.
check-build: all
	$(Q)$(PROVE) $(PROVEFLAGS) $(BUILD_SCRIPTS)

# In this kernel: needs root.
check-root: all tests
	$(Q)$(PROVE) $(PROVEFLAGS) $(BPF_TESTS) $(ROOT_SCRIPTS)

# Helpers that go into guests.
GUEST_TOOLS	:= $(O)/tests/vm/bpfstat $(O)/tests/vm/stamp
$(GUEST_TOOLS): $(O)/tests/vm/%: $(O)/tests/vm/%.o
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LK_CFLAGS) $(LDFLAGS) $(LK_LDFLAGS) $^ $(LIBBPF_LIBS) -o $@
tests: $(GUEST_TOOLS) $(O)/tests/bench/loops $(O)/tests/bench/floor

# What reads recordings on this side.
INSTANCES_OBJ	:= $(O)/tests/vm/instances.o $(patsubst %.c,$(O)/%.o,$(filter user/base/% user/core/% user/file/%,$(LIB_SRC)))
$(O)/tests/vm/instances: $(INSTANCES_OBJ)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LK_CFLAGS) $(LDFLAGS) $(LK_LDFLAGS) $^ -lm -o $@
tests: $(O)/tests/vm/instances

# In guests: other kernels, the lock fixtures on them, and what the tracer says of those.
VM_SCRIPTS	:= tests/vm/run.sh tests/kmod/kmod_test.sh tests/vm/order_test.sh tests/vm/lockdep_test.sh tests/vm/icount_test.sh
check-vm: all tests
	$(Q)KERNELS="$(KERNELS)" $(PROVE) $(PROVEFLAGS) --timer $(VM_SCRIPTS)

# Everything, in one run of prove, so that its closing line counts everything. What may
# run at the same time as what: tests/schedule.yml. What is skipped must be expected.
TEST_JOBS	?= 2
FUZZERS		:= $(O)/tests/fuzz/reader_fuzz $(O)/tests/fuzz/import_fuzz
test: all tests $(FUZZERS)
	$(Q)EXPECTED_SKIPS=$(abspath tests/expected-skips) KERNELS="$(KERNELS)" \
		HARNESS_RULESFILE=tests/schedule.yml \
		FUZZ_SECONDS=$(FUZZ_SECONDS) $(PROVE) $(PROVEFLAGS) -j$(TEST_JOBS) --timer \
		$(UNIT_BIN) $(BTF_TESTS) $(CHECK_SCRIPTS) $(BUILD_SCRIPTS) tests/fuzz/fuzz.sh \
		$(BPF_TESTS) $(ROOT_SCRIPTS) $(VM_SCRIPTS)

bench: all tests $(O)/tests/bpf/bench $(O)/tests/bench/mkwaits \
	$(O)/tests/bench/graph $(O)/tests/bench/order
	$(Q)tools/bench/run

# libFuzzer comes with clang; the library is built again with its instrumentation.
FUZZ_FLAGS	:= -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all
$(O)/tests/fuzz/%: tests/fuzz/%.c $(LIB_SRC) $(wildcard user/*/*.h bpf/abi.h) $(O)/flags $(O)/include/page_digest.h
	$(call say,FUZZ,$@)
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(CPPFLAGS) $(LK_CPPFLAGS) $(LK_CFLAGS) $(FUZZ_FLAGS) $< $(LIB_SRC) -o $@

fuzz: $(FUZZERS)
	$(Q)FUZZ_SECONDS=$(FUZZ_SECONDS) $(PROVE) $(PROVEFLAGS) tests/fuzz/fuzz.sh
