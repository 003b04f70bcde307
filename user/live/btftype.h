/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Steps through BTF that several parts of live/ take. BTF comes from the kernel and its
 * modules and is not trusted to make sense: every step is bounded.
 */
#ifndef LK_BTFTYPE_H
#define LK_BTFTYPE_H

#include <stdint.h>

struct btf;
struct btf_type;

#define BTFTYPE_CHAIN 32	/* typedefs and qualifiers in a row that we follow */

/* Name of a type or member; "" for none and for nonsense. Never NULL. */
const char *btftype_name(const struct btf *btf, uint32_t name_off);

/*
 * The type behind @id's typedefs and qualifiers, and its id in *real (may be NULL); NULL
 * if there is none, or not within BTFTYPE_CHAIN steps.
 */
const struct btf_type *btftype_skip_mods(const struct btf *btf, uint32_t id, uint32_t *real);

#endif /* LK_BTFTYPE_H */
