# SPDX-License-Identifier: GPL-2.0-only
# Test targets; included by the top Makefile. Every test speaks TAP and is run by prove.

export LOCKSCOPE := $(abspath $(O)/lockscope)
export CONTEND := $(abspath $(O)/tests/contend)
export BUILD := $(abspath $(O))

CHECK_SCRIPTS	:= $(sort $(wildcard tests/lint/*.sh tests/golden/*_test.sh tests/cli/*.sh))
ROOT_SCRIPTS	:= $(sort $(wildcard tests/live/*.sh))

lint:
	$(Q)$(PROVE) $(sort $(wildcard tests/lint/*.sh))

check: all $(UNIT_BIN)
	$(Q)$(PROVE) $(UNIT_BIN) $(CHECK_SCRIPTS)

check-root: all tests
	$(Q)$(PROVE) $(BPF_TESTS) $(ROOT_SCRIPTS)

check-vm: all tests
	$(Q)tests/vm/run.sh $(KERNELS)
