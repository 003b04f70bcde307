# SPDX-License-Identifier: GPL-2.0-only
#
# One non-recursive Makefile. Needs make, a C compiler, clang, bpftool, libbpf,
# libelf and zlib, for lockscope top ncursesw; no network, no BTF of the build machine.
#
#   make [V=1] [O=dir] [STATIC=1] [SAN=1] [WERROR=1] [NCURSES=0] [CC=..] [CLANG=..] [BPFTOOL=..]
#   make check          unit, golden, CLI, lint: no privileges needed
#   make check-root     in-kernel and live tests on this kernel
#   make check-vm       other kernels, in guests (KERNELS="6.1 6.12 ...")
#   make fuzz bench man install clean
#   make tables         new tables of kernel sources (python3, apt or the network; not for the build)

VERSION		:= $(shell cat VERSION)
O		?= build
V		?= 0
STATIC		?= 0
SAN		?= 0
WERROR		?= 0

CLANG		?= $(firstword $(foreach c,clang clang-19 clang-16 clang-14,$(shell command -v $(c) 2>/dev/null)) clang)
LLVM_STRIP	?= $(firstword $(foreach c,llvm-strip llvm-strip-19 llvm-strip-16 llvm-strip-14,$(shell command -v $(c) 2>/dev/null)) llvm-strip)
BPFTOOL		?= $(firstword $(shell PATH="$$PATH:/usr/sbin:/sbin" command -v bpftool 2>/dev/null) bpftool)
PKG_CONFIG	?= pkg-config
INSTALL		?= install
PROVE		?= prove

prefix		?= /usr/local
sbindir		?= $(prefix)/sbin
mandir		?= $(prefix)/share/man
completiondir	?= $(prefix)/share/bash-completion/completions
docdir		?= $(prefix)/share/doc/lockscope
DESTDIR		?=

UNAME_M		:= $(shell uname -m)
BPF_ARCH	:= $(patsubst x86_64,x86,$(patsubst aarch64,arm64,$(UNAME_M)))

# CFLAGS, CPPFLAGS and LDFLAGS belong to the user and to distributions; ours come beside them.
CFLAGS		?= -O2 -g
WARN		:= -Wall -Wextra -Wformat=2 -Wshadow -Wstrict-prototypes \
		   -Wmissing-prototypes -Wundef -Wvla
LK_CPPFLAGS	:= -D_GNU_SOURCE -I$(O)/include
LK_CFLAGS	:= -std=gnu11 $(WARN) -fno-strict-aliasing
LK_LDFLAGS	:=
BPF_CFLAGS	:= -target bpf -mcpu=v3 -O2 -g -Wall -Werror -D__TARGET_ARCH_$(BPF_ARCH) -Ivmlinux
ifeq ($(WERROR),1)
LK_CFLAGS	+= -Werror
endif
SAN_FLAGS	:= -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
ifeq ($(SAN),1)
LK_CFLAGS	+= $(SAN_FLAGS)
LK_LDFLAGS	+= $(SAN_FLAGS)
endif
LIBBPF_CFLAGS	:= $(shell $(PKG_CONFIG) --cflags libbpf 2>/dev/null)
ifeq ($(STATIC),1)
LK_LDFLAGS	+= -static
LIBBPF_LIBS	:= $(shell $(PKG_CONFIG) --static --libs libbpf 2>/dev/null || echo -lbpf -lelf -lz)
else
LIBBPF_LIBS	:= $(shell $(PKG_CONFIG) --libs libbpf 2>/dev/null || echo -lbpf) -lelf -lz
endif
# Without ncurses, lockscope top has no live screen: it says so, and top --batch works.
NCURSES		?= $(shell $(PKG_CONFIG) --exists ncursesw 2>/dev/null && echo 1 || echo 0)
ifeq ($(NCURSES),1)
CURSES_CFLAGS	:= $(shell $(PKG_CONFIG) --cflags ncursesw)
CURSES_LIBS	:= $(shell $(PKG_CONFIG) $(if $(filter 1,$(STATIC)),--static) --libs ncursesw)
endif

ifeq ($(V),1)
Q		:=
say		= @:
else
Q		:= @
say		= @printf '  %-7s %s\n' $(1) $(2)
endif
ifneq ($(findstring s,$(firstword -$(MAKEFLAGS))),)	# make -s
say		= @:
endif

.DELETE_ON_ERROR:
.SUFFIXES:
.SECONDARY:
.PHONY: all check check-root check-vm fuzz bench lint man install uninstall dist clean tables tests FORCE

all: $(O)/lockscope

# --- sources -----------------------------------------------------------------------------

LIB_SRC		:= $(sort $(wildcard user/base/*.c user/core/*.c user/file/*.c user/import/*.c user/render/*.c) \
		   $(filter-out user/tui/curses%.c,$(wildcard user/tui/*.c)))
APP_SRC		:= $(LIB_SRC) $(sort $(wildcard user/live/*.c user/cmd/*.c)) \
		   user/tui/curses$(if $(filter 1,$(NCURSES)),,_none).c
APP_OBJ		:= $(APP_SRC:%.c=$(O)/%.o)
LIB_SAN_OBJ	:= $(LIB_SRC:%.c=$(O)/san/%.o)
UNIT_SRC	:= $(sort $(wildcard tests/unit/*_test.c))
UNIT_BIN	:= $(UNIT_SRC:tests/unit/%.c=$(O)/tests/unit/%)
TESTLIB_SRC	:= $(sort $(wildcard tests/lib/*.c))
TESTLIB_SAN_OBJ	:= $(TESTLIB_SRC:%.c=$(O)/san/%.o)
BPF_HDR		:= $(wildcard bpf/*.h vmlinux/*.h)
SKELS		:= $(patsubst bpf/%.bpf.c,$(O)/include/%.skel.h,$(wildcard bpf/*.bpf.c))
TEST_SKELS	:= $(patsubst tests/bpf/%.bpf.c,$(O)/include/%.skel.h,$(wildcard tests/bpf/*.bpf.c))
BPF_TESTS	:= $(patsubst tests/bpf/%_test.c,$(O)/tests/bpf/%_test,$(wildcard tests/bpf/*_test.c))

# --- rules -------------------------------------------------------------------------------

# Rewritten only when its content changes, so that what depends on it is rebuilt only then.
define rewrite_if_changed
@mkdir -p $(@D); printf '%s\n' $(1) > $@.new; \
if cmp -s $@.new $@; then rm -f $@.new; else mv $@.new $@; fi
endef

$(O)/include/version.h: FORCE
	$(call rewrite_if_changed,'#define LK_VERSION "$(VERSION)"')

$(O)/flags: FORCE
	$(call rewrite_if_changed,'$(subst ','\'',$(CC) $(CFLAGS) $(CPPFLAGS) $(LDFLAGS) $(LK_CFLAGS) $(LK_LDFLAGS) $(LIBBPF_LIBS) $(CURSES_LIBS) $(CLANG) $(BPFTOOL))')

$(O)/bpf/%.o: bpf/%.c $(O)/flags
	$(call say,BPF,$@)
	@mkdir -p $(@D)
	@! grep -n 'SEC("[a-z][a-z_]*[/"]' $< | grep -v 'SEC("license")' || { echo "$<: every program needs SEC(\"?...\")" >&2; exit 1; }
	$(Q)$(CLANG) $(BPF_CFLAGS) $(LIBBPF_CFLAGS) -MMD -MP -c $< -o $@
	$(Q)$(LLVM_STRIP) -g $@

$(O)/tests/bpf/%.bpf.o: tests/bpf/%.bpf.c $(O)/flags
	$(call say,BPF,$@)
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) $(LIBBPF_CFLAGS) -Ibpf -MMD -MP -c $< -o $@
	$(Q)$(LLVM_STRIP) -g $@

define make_skel
	$(call say,SKEL,$@)
	@mkdir -p $(@D)
	$(Q)$(BPFTOOL) gen skeleton $< name $(1) > $@
endef
$(O)/include/%.skel.h: $(O)/bpf/%.bpf.o
	$(call make_skel,$*_bpf)
$(O)/include/%.skel.h: $(O)/tests/bpf/%.bpf.o
	$(call make_skel,$*_bpf)

LIVE_OBJ	:= $(filter $(O)/user/live/%,$(APP_OBJ))
CMD_OBJ		:= $(filter $(O)/user/cmd/%,$(APP_OBJ))
$(LIVE_OBJ): | $(SKELS)
$(CMD_OBJ): | $(O)/include/version.h

$(O)/%.o: %.c $(O)/flags
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(LK_CPPFLAGS) $(LIBBPF_CFLAGS) $(CFLAGS) $(LK_CFLAGS) -MMD -MP -c $< -o $@

$(O)/san/%.o: %.c $(O)/flags
	$(call say,CC-SAN,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(LK_CPPFLAGS) $(LIBBPF_CFLAGS) $(CFLAGS) $(LK_CFLAGS) $(SAN_FLAGS) -MMD -MP -c $< -o $@

$(O)/user/tui/curses.o: CPPFLAGS += $(CURSES_CFLAGS)

# The schema is included as bytes: the assembler needs to know where it lies.
$(O)/user/render/schema.o $(O)/san/user/render/schema.o: user/render/report.schema.json

# So is the page of the format html, which allows its own style and script by their digests.
# Its scripts are one script, in the order of page.c.
PAGE		:= user/render/html
PAGE_JS		:= $(patsubst %,$(PAGE)/%.js,base findings layout model graph graph_panel tables main)
$(O)/user/render/page.o $(O)/san/user/render/page.o: $(PAGE)/page.html $(PAGE)/page.css $(PAGE_JS)
$(O)/user/render/html.o $(O)/san/user/render/html.o: $(O)/include/page_digest.h
digest		= $(shell env printf "$$(cat $(1) | sha256sum | cut -c1-64 | sed 's/../\\x&/g')" | base64)
$(O)/include/page_digest.h: $(PAGE)/page.css $(PAGE_JS) Makefile
	@mkdir -p $(@D)
	$(Q)printf '\043define PAGE_%s_DIGEST "sha256-%s"\n' STYLE '$(call digest,$(PAGE)/page.css)' \
		SCRIPT '$(call digest,$(PAGE_JS))' > $@

$(O)/lockscope: $(APP_OBJ)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LK_CFLAGS) $(LDFLAGS) $(LK_LDFLAGS) $^ $(LIBBPF_LIBS) $(CURSES_LIBS) -lm -o $@

# --- tests -------------------------------------------------------------------------------

$(O)/tests/unit/%: $(O)/san/tests/unit/%.o $(LIB_SAN_OBJ) $(TESTLIB_SAN_OBJ)
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $(SAN_FLAGS) $^ $(UNIT_LIBS) -lm -lpthread -o $@

$(O)/tests/contend: tests/workload/contend.c $(wildcard tests/workload/*.h) $(O)/flags
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) -D_GNU_SOURCE $(CFLAGS) $(WARN) -std=gnu11 -static $(LDFLAGS) $< -pthread -o $@

BPF_TEST_OBJ	:= $(patsubst %.c,$(O)/%.o,$(filter-out %.bpf.c,$(wildcard tests/bpf/*.c)))
$(BPF_TEST_OBJ): | $(SKELS) $(TEST_SKELS)
LIVE_HELP_OBJ	:= $(O)/user/live/btftype.o $(O)/user/live/kernel.o $(O)/user/live/percpu.o
$(O)/tests/bpf/progload_test: $(patsubst %,$(O)/user/%.o,live/progload live/bpflog live/features live/preempt base/htab)
$(O)/tests/bpf/%_test: $(O)/tests/bpf/%_test.o $(LIVE_HELP_OBJ)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $^ $(LIBBPF_LIBS) -o $@
$(O)/tests/bpf/bench: $(O)/tests/bpf/bench.o $(LIVE_HELP_OBJ)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $^ $(LIBBPF_LIBS) -o $@

# What reads BTF, on invented types and on this kernel's.
BTF_TESTS	:= $(patsubst tests/btf/%_test.c,$(O)/tests/btf/%_test,$(wildcard tests/btf/*_test.c))
BTF_SRC		:= user/live/btftype.c $(wildcard user/live/member*.c)
BTF_SAN_OBJ	:= $(BTF_SRC:%.c=$(O)/san/%.o)
$(O)/tests/btf/%_test: $(O)/san/tests/btf/%_test.o $(BTF_SAN_OBJ) $(LIB_SAN_OBJ)
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $(SAN_FLAGS) $^ $(LIBBPF_LIBS) -lm -o $@

# What of the live part needs no kernel to try it: its modules are the test's.
RESOLVE_SAN_OBJ	:= $(patsubst %,$(O)/san/user/live/%.o,resolve cgroup inits kernel percpu) $(BTF_SAN_OBJ)
$(O)/tests/unit/live_resolve_test: $(RESOLVE_SAN_OBJ)
$(O)/tests/unit/live_resolve_test: UNIT_LIBS = $(LIBBPF_LIBS)

# A recording of many waits, for the benchmarks.
MKWAITS_OBJ	:= $(O)/tools/bench/mkwaits.o $(TESTLIB_SRC:%.c=$(O)/%.o) \
		   $(patsubst %.c,$(O)/%.o,$(filter user/base/% user/core/% user/file/%,$(LIB_SRC)))
$(O)/tests/bench/mkwaits: $(MKWAITS_OBJ)
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $^ -lm -o $@

# The order graph alone.
GRAPH_OBJ	:= $(O)/tools/bench/graph.o $(patsubst %.c,$(O)/%.o,$(filter user/core/graph%,$(LIB_SRC)))
$(O)/tests/bench/graph: $(GRAPH_OBJ)
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $^ -o $@

# Lock order through the whole model.
ORDER_OBJ	:= $(O)/tools/bench/order.o $(O)/tests/lib/mkorder.o \
		   $(patsubst %.c,$(O)/%.o,$(filter user/base/% user/core/%,$(LIB_SRC)))
$(O)/tests/bench/order: $(ORDER_OBJ)
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $^ -lm -o $@

# What is measured in guests: kernel paths that are heavy with locks, and hooks that do nothing.
LOOPS_SRC	:= $(wildcard tools/bench/loops*.c)
$(O)/tests/bench/loops: $(LOOPS_SRC) tools/bench/loops.h $(O)/flags
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) -D_GNU_SOURCE $(CFLAGS) $(WARN) -std=gnu11 -static $(LDFLAGS) $(LOOPS_SRC) -pthread -o $@
$(O)/tools/bench/%.bpf.o: tools/bench/%.bpf.c $(O)/flags
	$(call say,BPF,$@)
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) $(LIBBPF_CFLAGS) -Ibpf -MMD -MP -c $< -o $@
	$(Q)$(LLVM_STRIP) -g $@
$(O)/include/%.skel.h: $(O)/tools/bench/%.bpf.o
	$(call make_skel,$*_bpf)
$(O)/tools/bench/floor.o: $(O)/include/floor.skel.h
$(O)/tests/bench/floor: $(O)/tools/bench/floor.o
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $^ $(LIBBPF_LIBS) -o $@

tests: $(UNIT_BIN) $(BTF_TESTS) $(BPF_TESTS) $(O)/tests/contend

include tests/tests.mk

# --- generated sources -------------------------------------------------------------------

# Kept in the tree: made anew when a kernel series comes, by TABLES="6.1 6.12 /a/kernel/source".
TABLES		?= 6.1 6.12
tables:
	$(Q)tools/tables/tables $(TABLES)

# --- installation ------------------------------------------------------------------------

install: $(O)/lockscope
	$(INSTALL) -d $(DESTDIR)$(sbindir) $(addprefix $(DESTDIR)$(mandir)/man,8 7 5) \
		$(DESTDIR)$(completiondir) $(DESTDIR)$(docdir)
	$(INSTALL) -m 755 $(O)/lockscope $(DESTDIR)$(sbindir)/lockscope
	$(INSTALL) -m 644 user/man/*.8 $(DESTDIR)$(mandir)/man8/
	$(INSTALL) -m 644 user/man/*.7 $(DESTDIR)$(mandir)/man7/
	$(INSTALL) -m 644 user/man/*.5 $(DESTDIR)$(mandir)/man5/
	$(INSTALL) -m 644 tools/completion/lockscope.bash $(DESTDIR)$(completiondir)/lockscope
	$(INSTALL) -m 644 README.md LICENSE $(DESTDIR)$(docdir)/

uninstall:
	rm -f $(DESTDIR)$(sbindir)/lockscope $(DESTDIR)$(completiondir)/lockscope
	rm -f $(addprefix $(DESTDIR)$(mandir)/man8/,$(notdir $(wildcard user/man/*.8)))
	rm -f $(addprefix $(DESTDIR)$(mandir)/man7/,$(notdir $(wildcard user/man/*.7)))
	rm -f $(addprefix $(DESTDIR)$(mandir)/man5/,$(notdir $(wildcard user/man/*.5)))
	rm -rf $(DESTDIR)$(docdir)

dist:
	git archive --prefix=lockscope-$(VERSION)/ -o lockscope-$(VERSION).tar.gz HEAD

clean:
	rm -rf $(O)

-include $(APP_OBJ:.o=.d) $(LIB_SAN_OBJ:.o=.d) $(TESTLIB_SAN_OBJ:.o=.d) $(UNIT_SRC:%.c=$(O)/san/%.d) \
	$(BTF_SAN_OBJ:.o=.d) $(patsubst %.c,$(O)/san/%.d,$(wildcard tests/btf/*.c)) \
	$(patsubst bpf/%.c,$(O)/bpf/%.d,$(wildcard bpf/*.bpf.c)) \
	$(patsubst tests/bpf/%.c,$(O)/tests/bpf/%.d,$(wildcard tests/bpf/*.c)) \
	$(O)/tools/bench/floor.d $(O)/tools/bench/floor.bpf.d
