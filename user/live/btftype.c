// SPDX-License-Identifier: GPL-2.0-only
/*
 * Steps through BTF; see btftype.h.
 */
#include <bpf/btf.h>
#include <stddef.h>

#include "btftype.h"

const char *btftype_name(const struct btf *btf, uint32_t name_off)
{
	const char *name = btf__name_by_offset(btf, name_off);

	return name ? name : "";
}

const struct btf_type *btftype_skip_mods(const struct btf *btf, uint32_t id, uint32_t *real)
{
	const struct btf_type *t = btf__type_by_id(btf, id);
	int i;

	for (i = 0; t && (btf_is_mod(t) || btf_is_typedef(t)); i++) {
		if (i == BTFTYPE_CHAIN)
			return NULL;
		id = t->type;
		t = btf__type_by_id(btf, id);
	}
	if (t && real)
		*real = id;
	return t;
}
