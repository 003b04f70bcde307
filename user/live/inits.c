// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names of locks by where they were initialised.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "../../bpf/abi.h"
#include "../base/htab.h"
#include "../base/strpool.h"
#include "../base/vec.h"
#include "inits.h"

#define INITS_BYTES (LK_INIT_PLACES * sizeof(struct lk_init))

struct inits {
	const struct lk_init *map;	/* the kernel's; NULL = none */
	struct htab sites;		/* addresses */
	VEC(uint32_t) name;		/* by number in sites: string */
	struct strpool str;
};

int inits_new(int map_fd, struct inits **ret)
{
	struct inits *in = calloc(1, sizeof(*in));
	void *map;

	if (!in)
		return -ENOMEM;
	htab_init(&in->sites, sizeof(uint64_t));
	if (strpool_init(&in->str)) {
		inits_free(in);
		return -ENOMEM;
	}
	if (map_fd >= 0) {
		map = mmap(NULL, INITS_BYTES, PROT_READ, MAP_SHARED, map_fd, 0);
		if (map == MAP_FAILED) {
			int err = -errno;

			inits_free(in);
			return err;
		}
		in->map = map;
	}
	*ret = in;
	return 0;
}

void inits_free(struct inits *in)
{
	if (!in)
		return;
	if (in->map)
		munmap((void *)in->map, INITS_BYTES);
	htab_done(&in->sites);
	vec_free(&in->name);
	strpool_done(&in->str);
	free(in);
}

int inits_put(struct inits *in, uint64_t site, const char *name)
{
	uint32_t index, text;
	int ret;

	if (vec_reserve(&in->name, 1) || strpool_id(&in->str, name, &text))
		return -ENOMEM;
	ret = htab_put(&in->sites, &site, &index);
	if (ret < 0)
		return ret;
	if (ret)
		in->name.v[in->name.nr++] = text;
	else
		in->name.v[index] = text;	/* another module lies there now */
	return 0;
}

const char *inits_find(const struct inits *in, uint64_t lock, uint32_t prim)
{
	uint32_t i, index;
	uint64_t site;

	for (i = 0; in->map && i < LK_INIT_WAYS; i++) {
		const volatile struct lk_init *e = &in->map[(lk_init_place(lock) + i) & (LK_INIT_PLACES - 1)];

		/* Whether it still is a wait queue, only the programs can tell. */
		if (e->lock != lock || e->prim != lk_init_prim(prim) || e->waitqueue)
			continue;
		site = e->site;
		index = htab_find(&in->sites, &site);
		if (index != HTAB_NONE)
			return strpool_str(&in->str, in->name.v[index]);
	}
	return "";
}
