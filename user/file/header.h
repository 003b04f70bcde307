/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The file header, both ways. Private to user/file/.
 */
#ifndef LK_HEADER_H
#define LK_HEADER_H

#include <stdbool.h>
#include <stdint.h>

#include "format.h"

struct diag;
struct input;

/* Fill the LKS_HDR_SZ bytes at @h. @boot_id as the kernel writes it; NULL or "" = not known. */
void header_fill(uint8_t *h, const char *boot_id);

/*
 * Read and check the header of @in, called @name in messages: 0 with *newer = it
 * is of a newer minor version; else -EBADMSG or what read() said, explained in @why.
 */
int header_check(struct input *in, const char *name, bool *newer, struct diag *why);

#endif /* LK_HEADER_H */
