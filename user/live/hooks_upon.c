// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where the kernel counts the runs of the release programs that an interrupt can come upon
 * (bpf/order_upon.bpf.h): a bpf_prog iterator finds them.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "../../bpf/abi.h"
#include "hooks_priv.h"

/*
 * Releases that interrupts do themselves, and that are called with interrupts on. The others
 * need no look: _irq and _irqrestore are called with them off, and _bh only where no softirq
 * can come, by what no hardirq may call.
 */
static const unsigned int come_upon[] = {
	LK_ROW__raw_spin_unlock, LK_ROW__raw_read_unlock, LK_ROW__raw_write_unlock, LK_ROW_up, LK_ROW_up_read,
};
_Static_assert(sizeof(come_upon) / sizeof(come_upon[0]) <= LK_UPON_NR, "each has a place");

static int prog_id(const struct bpf_program *prog, uint32_t *id)
{
	struct bpf_prog_info info = { .type = 0 };
	__u32 len = sizeof(info);

	if (bpf_obj_get_info_by_fd(bpf_program__fd(prog), &info, &len))
		return -errno;
	*id = info.id;
	return 0;
}

/* Run the iterator over all programs. 0 or -errno. */
static int iterate(const struct hooks *o)
{
	struct bpf_link *link = bpf_program__attach_iter(o->skel->progs.upon_find, NULL);
	char buf[64];
	ssize_t n;
	int fd, err;

	if (!link)
		return -errno;
	fd = bpf_iter_create(bpf_link__fd(link));
	err = fd < 0 ? -errno : 0;
	do {
		n = fd < 0 ? 0 : read(fd, buf, sizeof(buf));
	} while (n > 0 || (n < 0 && (errno == EINTR || errno == EAGAIN)));
	if (n < 0)
		err = -errno;
	if (fd >= 0)
		close(fd);
	bpf_link__destroy(link);
	return err;
}

/* Were all found, on each CPU? 0, -ENOENT if not, or another -errno. */
static int check(const struct hooks *o, int cpus)
{
	int nr = libbpf_num_possible_cpus(), i, err;
	struct lk_cpu *v = nr > 0 ? calloc((size_t)nr, sizeof(*v)) : NULL;
	uint32_t zero = 0;
	unsigned int n;

	if (!v)
		return -ENOMEM;
	err = bpf_map_lookup_elem(cpus, &zero, v);
	for (i = 0; i < nr && !err; i++)
		for (n = 0; n < LK_UPON_NR && !err; n++)
			if (o->skel->bss->upon_prog[n] && !v[i].upon[n])
				err = -ENOENT;
	free(v);
	return err;
}

int hooks_upon_learn(struct hooks *o)
{
	struct bpf_map_info info = { .type = 0 };
	int cpus = bpf_map__fd(o->skel->maps.cpus), err = 0;
	__u32 len = sizeof(info);
	unsigned int n;

	for (n = 0; n < sizeof(come_upon) / sizeof(come_upon[0]); n++)
		if (o->plan.row[come_upon[n]])
			o->skel->bss->upon_prog[n] = UINT32_MAX;	/* whatever fails: it is there */
	if (bpf_obj_get_info_by_fd(cpus, &info, &len))
		return -errno;
	o->skel->bss->upon_cpus = info.id;
	o->skel->bss->upon_nr_cpu = (uint32_t)libbpf_num_possible_cpus();
	for (n = 0; n < sizeof(come_upon) / sizeof(come_upon[0]) && !err; n++)
		if (o->plan.row[come_upon[n]])
			err = prog_id(hooks_prog(o, come_upon[n], false), &o->skel->bss->upon_prog[n]);
	if (!err && bpf_program__fd(o->skel->progs.upon_find) >= 0)
		err = iterate(o);
	return err ?: check(o, cpus);
}
