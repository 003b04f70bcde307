// SPDX-License-Identifier: GPL-2.0-only
/*
 * floor - the functions that the order tier hooks, with programs that do nothing.
 *
 *   floor [--no-spin]
 *
 * Says "ready: N programs" when they are attached; ends, and they with it, by a signal.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "floor.skel.h"
#include "../../bpf/lockfns.h"

#define SPINS(symbol_, prim, op, arg, read, ok, flags) #symbol_,
static const char *const spins[] = { LK_FNS_SPINLOCK(SPINS) LK_FNS_RWLOCK(SPINS) };

static bool is_spin(const char *symbol)
{
	size_t i;

	for (i = 0; i < sizeof(spins) / sizeof(spins[0]); i++)
		if (!strcmp(symbol, spins[i]))
			return true;
	return false;
}

static int quiet(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level, (void)format, (void)args;
	return 0;
}

int main(int argc, char **argv)
{
	bool spin = argc < 2 || strcmp(argv[1], "--no-spin");
	struct floor_bpf *skel = floor_bpf__open();
	struct btf *btf = btf__load_vmlinux_btf();
	struct bpf_program *prog;
	unsigned int attached = 0;
	const char *symbol;

	if (!skel || !btf) {
		fprintf(stderr, "floor: no BTF of the kernel, or no memory\n");
		return 1;
	}
	libbpf_set_print(quiet);
	bpf_object__for_each_program(prog, skel->obj) {
		symbol = strchr(bpf_program__section_name(prog), '/') + 1;
		bpf_program__set_autoload(prog, (spin || !is_spin(symbol)) &&
					  btf__find_by_name_kind(btf, symbol, BTF_KIND_FUNC) > 0);
	}
	if (floor_bpf__load(skel)) {
		fprintf(stderr, "floor: the programs do not load; is this root, on a kernel with BTF?\n");
		return 1;
	}
	bpf_object__for_each_program(prog, skel->obj)
		if (bpf_program__fd(prog) >= 0 && bpf_program__attach(prog))
			attached++;
	printf("ready: %u programs\n", attached);
	fflush(stdout);
	return attached ? pause() && 0 : 1;
}
